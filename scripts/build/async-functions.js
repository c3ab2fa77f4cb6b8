// What TypeScript's ES5 output calls, above all for async functions, instead of TypeScript's own helpers: those build an iterator
// for each call, which costs a QuickJS or njs worker 10 µs each time. build.mjs puts this text into the flow.
//
// An async function arrives as a function of a state that returns what to do next: [2, value] return, [3, label] go
// on at a label, [4, promise] wait, [7] end a finally block. `state.trys` has the regions [try, catch, finally, end]
// that it is in, by label. [6, error] is a throw.

const __assign = Object.assign;

function __generator(_self, body) {
  return body;
}

function __awaiter(self, given, _promise, start) {
  return new Promise((resolve, reject) => {
    const body = start.apply(self, given || []);
    let failed = false;
    let received;
    const state = {
      label: 0,
      sent: () => {
        if (failed) {
          throw received;
        }
        return received;
      },
      trys: [],
      ops: [],
    };
    const step = () => {
      try {
        return body(state);
      } catch (error) {
        return [6, error];
      }
    };
    const next = (value) => {
      failed = false;
      received = value;
      run();
    };
    const raise = (error) => {
      failed = true;
      received = error;
      run();
    };
    const run = () => {
      let op = step();
      for (;;) {
        if (op[0] === 4) {
          state.label++;
          Promise.resolve(op[1]).then(next, raise);
          return;
        }
        if (op[0] === 7) {
          op = state.ops.pop();
          state.trys.pop();
          continue;
        }
        const region = state.trys[state.trys.length - 1];
        if (region === undefined && op[0] !== 3) {
          op[0] === 2 ? resolve(op[1]) : reject(op[1]);
          return;
        }
        if (op[0] === 3 && (region === undefined || (op[1] > region[0] && op[1] < region[3]))) {
          state.label = op[1];
        } else if (op[0] === 6 && state.label < region[1]) {
          state.label = region[1];
          failed = false;
          received = op[1];
        } else if (state.label < region[2]) {
          state.label = region[2];
          state.ops.push(op);
        } else {
          if (region[2]) {
            state.ops.pop();
          }
          state.trys.pop();
          continue;
        }
        op = step();
      }
    };
    run();
  });
}
