/** What an NGINX variable says; undefined where there is none of that name, or it has no value. */
export type Variable = (name: string) => string | undefined;

/** The variables as the location of the request sees them. */
export function variableOf(r: NginxHTTPRequest): Variable {
  const { variables } = r;
  return (name) => variables[name];
}
