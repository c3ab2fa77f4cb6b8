/** Whether an Authorization header is of the Bearer scheme, whose name has any case (RFC 9110 section 11.1). */
export function isBearer(authorization: string): boolean {
  return /^bearer(?:[ \t]|$)/i.test(authorization);
}
