/** The one page that is served to strangers: it asks for the token. It needs no script and nothing from the client's build. */

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * @param next path to go on to after signing in
 * @param problem what was wrong with the last attempt
 */
export const signInPage = (next: string, problem: string | null): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Trialroom</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { width: min(26rem, calc(100vw - 3rem)); }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
input { margin: .25rem 0 .75rem; padding: .5rem; border: 1px solid GrayText; border-radius: 4px; }
button { padding: .5rem; border: 1px solid CanvasText; border-radius: 4px; background: CanvasText; color: Canvas; cursor: pointer; }
:focus-visible { outline: 2px solid Highlight; outline-offset: 2px; }
code { font-family: ui-monospace, monospace; }
.problem { border-left: 3px solid #c0362c; padding-left: .75rem; }
</style>
</head>
<body>
<main>
<h1>Sign in to this Trialroom</h1>
${problem === null ? '' : `<p class="problem" role="alert">${escaped(problem)}</p>`}
<p>The terminal where the server was started shows an address that signs you in. Open it, or paste its token here. It is also kept in the file <code>token</code> of the server's data folder.</p>
<form method="post" action="/signin">
<input type="hidden" name="next" value="${escaped(next)}">
<label>Token <input name="token" type="password" autocomplete="off" required autofocus></label>
<button>Sign in</button>
</form>
</main>
</body>
</html>
`;
