// What the code that Babel lowers calls, instead of Babel's own helpers: njs cannot load those for the regenerator, and
// they build an iterator for each call. lower.mjs puts this text in front of a bundle.
//
// An async function becomes a body that is called again after each wait, with its machine. The body returns what to wait
// for, or `again` after it has told the machine how to go on. In the machine: `n` next label of the body, `p` label where
// it is, `v` value that was waited for or error that was caught. `regions` are its try statements, the innermost first:
// [label of try, of catch, of finally, of what follows].

// biome-ignore-all lint/complexity/noArguments: a rest parameter is copied in a loop, once lowered

// How a machine goes on; Babel writes the numbers, and 2 for a return.
const toNext = 0;
const toThrow = 1;
const toLabel = 3;
const again = {};
const hasOwn = Object.prototype.hasOwnProperty;

function Machine(body, regions) {
  this.body = body;
  this.regions = regions;
  this.n = 0;
}
Machine.prototype.p = 0;
Machine.prototype.done = false;
Machine.prototype.inner = undefined;

/** Runs until the next wait and returns what to wait for; with `done`, the result. Throws what the function throws. */
Machine.prototype.run = function run(kind, value) {
  this.kind = kind;
  this.value = value;
  for (;;) {
    if (this.inner === undefined) {
      if (this.kind === toNext) {
        this.v = this.value;
      } else if (this.regions === undefined || !this.enterBlock()) {
        if (this.kind !== toLabel) {
          return this.end();
        }
        this.n = this.value;
      }
    }
    let awaited = again;
    try {
      if (this.inner === undefined) {
        this.kind = toNext;
        awaited = this.body(this);
      } else {
        awaited = this.runInner();
      }
    } catch (error) {
      this.inner = undefined;
      this.kind = toThrow;
      this.value = error;
    }
    if (awaited !== again) {
      return awaited;
    }
  }
};

Machine.prototype.runInner = function runInner() {
  const result = this.inner.run(this.kind, this.value);
  if (!this.inner.done) {
    return result;
  }
  this.inner = undefined;
  this.kind = toNext;
  this.value = result;
  return again;
};

Machine.prototype.end = function end() {
  this.done = true;
  if (this.kind === toThrow) {
    throw this.value;
  }
  return this.value;
};

/** Goes to the catch or finally block that has to run before a throw, return or jump; false when there is none. */
Machine.prototype.enterBlock = function enterBlock() {
  const { regions, p, kind, value } = this;
  for (let i = 0; i < regions.length; i++) {
    const region = regions[i];
    if (region[0] <= p) {
      if (kind === toThrow && p < region[1]) {
        this.n = region[1];
        this.v = value;
        return true;
      }
      if (p < region[2] && (kind !== toLabel || value < region[0] || value > region[2])) {
        this.n = region[2];
        region.pending = [kind, value];
        return true;
      }
    }
  }
  return false;
};

/** The body returns or jumps to a label. */
Machine.prototype.a = function a(kind, value) {
  this.kind = kind;
  this.value = value;
  return again;
};

/** The finally block at a label ends: what it held up goes on. */
Machine.prototype.f = function f(label) {
  const region = this.regions.find((one) => one[2] === label);
  const [kind, value] = region.pending || [toLabel, region[3]];
  region.pending = undefined;
  return this.a(kind, value);
};

/** Runs another machine, the body of a loop whose closures capture a variable, and goes on at a label with its result. */
Machine.prototype.d = function d(inner, label) {
  this.inner = inner;
  this.n = label;
  return again;
};

function __machine(body, regions) {
  return new Machine(body, regions);
}

/**
 * Runs until it waits, and again after each wait. Once it is done, what it waited with is let go: a function that holds
 * itself is freed by the garbage collector alone, which looks at everything that there is.
 */
Machine.prototype.drive = function drive(kind, value) {
  let result;
  try {
    result = this.run(kind, value);
  } catch (error) {
    this.next = this.raise = undefined;
    this.reject(error);
    return;
  }
  if (this.done) {
    this.next = this.raise = undefined;
    this.resolve(result);
    return;
  }
  if (this.next === undefined) {
    this.next = (result) => this.drive(toNext, result);
    this.raise = (error) => this.drive(toThrow, error);
  }
  Promise.resolve(result).then(this.next, this.raise);
};
Machine.prototype.next = undefined;

function __run(machine) {
  return new Promise((resolve, reject) => {
    machine.resolve = resolve;
    machine.reject = reject;
    machine.drive(toNext);
  });
}

function __async(start) {
  try {
    return __run(start());
  } catch (error) {
    return Promise.reject(error);
  }
}

function __asyncToGenerator(start) {
  return function () {
    const given = arguments;
    return __async(() => start.apply(this, given));
  };
}

/** Only machines are delegated to. */
function __regeneratorValues(machine) {
  return machine;
}

function __objectSpread2(target) {
  for (let i = 1; i < arguments.length; i++) {
    const source = arguments[i];
    if (source && hasOwn.call(source, '__proto__')) {
      for (const key of Object.keys(source)) {
        __defineProperty(target, key, source[key]); // assigned, it would change what the target inherits from
      }
    } else {
      Object.assign(target, source);
    }
  }
  return target;
}

function __defineProperty(target, key, value) {
  return Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
