// The script of our pages, for browsers: what njs lacks is fine here. It keeps what the person was about to do in the
// tab's sessionStorage, and gives it back after the sign-in.

/** data-step says what a page is for: `form` and `page` keep and go on to the sign-in, `return` is back from the sign-in. */
export const returnScript = `(() => {
  'use strict';
  const { step, login, next, path, posted, until, known, since, signed, who, texts, site } = document.currentScript.dataset;
  const main = document.querySelector('main');
  main.ariaLive = 'polite';

  const keep = (key, value) => {
    try {
      sessionStorage.setItem(key, JSON.stringify({ ...value, until: Number(until) }));
      return true;
    } catch {
      return false;
    }
  };
  const forget = (key) => {
    try {
      sessionStorage.removeItem(key);
    } catch {}
  };
  const kept = (key) => {
    try {
      const value = JSON.parse(sessionStorage.getItem(key));
      if (value && value.until > Date.now()) return value;
    } catch {}
    forget(key);
  };

  const translations = JSON.parse(texts || '{}');
  const values = { path, name: who };
  const inTheirWords = (english) =>
    (translations[english] || english).replace(/\\{(\\w+)\\}/g, (whole, name) => values[name] ?? whole);
  const say = (title, lines, ...actions) => {
    const element = (name, textContent) => Object.assign(document.createElement(name), { textContent });
    const translated = (name, english) => element(name, inTheirWords(english));
    const row = Object.assign(element('div', ''), { className: 'actions' });
    row.append(...actions.map(([label, onclick]) => Object.assign(translated('button', label), { onclick })));
    const heading = translated('h1', title);
    document.title = heading.textContent + (site ? ' – ' + site : '');
    main.replaceChildren(heading, ...lines.map((line) => translated('p', line)), row);
  };
  const to = (target) => () => location.replace(target);
  const signIn = (hash) => location.replace(login + '?return=' + encodeURIComponent('/_oidc_return' + hash));

  const lost = (text) => {
    forget('oidc-form');
    say('Your form was not sent', [text], ['Go to the site', to('/')]);
  };
  const reasons = {
    sent: 'It was sent before, in this tab or another one.',
    expired: 'It was kept for too long. Please fill it in again.',
    other_person: 'Somebody else signed in after it was filled in. It is deleted now.',
  };

  // Bytes are kept apart from text until the end: windows-1252 gives every byte a character, and the form gives it back.
  const bytesOf = (binary) => Uint8Array.from(binary, (one) => one.charCodeAt(0));
  const textOf = (binary) => new TextDecoder('windows-1252').decode(bytesOf(binary));
  const fieldsOf = {
    'application/x-www-form-urlencoded': (body) =>
      (body === '' ? [] : body.split('&')).map((pair) => {
        const decode = (text) =>
          textOf(text.replace(/\\+/g, ' ').replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))));
        const at = pair.indexOf('=');
        return [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
      }),
    // All lines as one field: what is a line's name and what its value cannot be told, and need not.
    'text/plain': (body) => {
      const at = body.indexOf('=');
      return at < 0 ? [] : [[textOf(body.slice(0, at)), textOf(body.slice(at + 1, -2))]];
    },
    'multipart/form-data': (body, type) => {
      const boundary = /boundary="?([^";]+)/i.exec(type)[1];
      return ('\\r\\n' + body).split('\\r\\n--' + boundary).slice(1, -1).map((part) => {
        const end = part.indexOf('\\r\\n\\r\\n');
        const head = /^\\r\\nContent-Disposition: form-data; name="([^"]*)"(; filename="([^"]*)")?(\\r\\nContent-Type: (.*))?$/i;
        const [, name, isFile, fileName, , type = ''] = head.exec(part.slice(0, end));
        const content = part.slice(end + 4);
        return [textOf(name), isFile ? new File([bytesOf(content)], textOf(fileName), { type }) : textOf(content)];
      });
    },
  };

  const submit = ({ path, type, body }) => {
    const enctype = type.split(';')[0].trim().toLowerCase();
    const fields = fieldsOf[enctype](atob(body), type);
    const form = Object.assign(document.createElement('form'), { method: 'post', enctype, acceptCharset: 'windows-1252' });
    form.setAttribute('action', location.origin + path);
    form.addEventListener('formdata', ({ formData }) => {
      for (const [name, value] of fields) formData.append(name, value);
    });
    document.body.append(form);
    form.submit();
  };

  const send = async ({ sealed }) => {
    say('Sending your form', ['One moment.']);
    const answer = await fetch('/_oidc_return', { method: 'POST', body: sealed }).catch(() => undefined);
    const said = answer && (await answer.json().catch(() => undefined));
    if (!said) {
      ask('The site did not answer.');
    } else if (answer.ok) {
      forget('oidc-form');
      submit(said);
    } else if (said.error === 'login_required') {
      say('You are not signed in', ['Your form is still kept.'], ['Sign in', () => signIn('#form')]);
    } else if (reasons[said.reason]) {
      lost(reasons[said.reason]);
    } else {
      ask('The site could not take your form right now.');
    }
  };
  const ask = (...problems) => {
    const form = kept('oidc-form');
    if (!form) {
      lost('There is none here: it was sent or deleted before, was kept for too long, or is in another tab.');
    } else if (form.known && Number(since) > form.posted) {
      lost(reasons.other_person);
    } else {
      values.path = form.path;
      const question = who
        ? 'Your form for {path} has not been sent yet. Send it now as {name}?'
        : 'Your form for {path} has not been sent yet. Send it now?';
      const title = who ? 'You are signed in as {name}' : 'You are signed in';
      say(title, [...problems, question], ['Send it', () => send(form)], ['Delete it', () => lost('It is deleted now.')]);
    }
  };

  const keepForm = () => {
    const form = { sealed: document.getElementById('sealed').value, path, posted: Number(posted), known: known === '1' };
    forget('oidc-form');
    if (keep('oidc-form', form)) {
      say('One moment', ['Your session has ended. Your form is kept in this tab while you sign in.']);
      signIn('#form');
    } else {
      say('Your form was not sent', ['Your session had ended, and this browser has no room to keep the form. Go back: most browsers still show what you typed. Copy it, sign in, and send it again.'], ['Sign in', to('/')]);
    }
  };

  const keepPage = () => {
    const page = location.pathname + location.search + location.hash;
    const isKept = location.hash.length > 1 && keep('oidc-page', { page });
    if (isKept) signIn('#page');
    else location.replace(next);
  };

  const comeBack = () => {
    if (location.hash === '#form') return ask();
    const page = location.hash === '#page' && kept('oidc-page');
    forget('oidc-page');
    if (location.hash === '#page') return location.replace(location.origin + (page ? page.page : '/'));
    if (!signed) return say('You are not signed in', ['Please sign in again.'], ['Sign in', () => signIn('')]);
    new BroadcastChannel('oidc').postMessage('signed-in');
    say('You are signed in', ['You can close this window.'], ['Go to the site', to('/')]);
    window.close();
  };

  addEventListener('pageshow', (event) => event.persisted && location.reload());
  ({ form: keepForm, page: keepPage, return: comeBack })[step]();
})();
`;
