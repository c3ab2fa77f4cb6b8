/** Whether an Authorization header has an access token: of the Bearer or DPoP scheme, whose names have any case (RFC 9110 11.1). */
export function isBearer(authorization: string): boolean {
  return /^(?:bearer|dpop)(?:[ \t]|$)/i.test(authorization);
}
