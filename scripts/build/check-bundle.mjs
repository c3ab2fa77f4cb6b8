export async function checkBundle() {}
