import flow from '../../src/flow.ts';

/** Where an engine pays nothing for code that does not run, it is there from the beginning. */
export const loadFlow = () => flow;
