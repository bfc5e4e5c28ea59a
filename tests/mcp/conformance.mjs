// Runs the public conformance suite of the Model Context Protocol against the product, behind its fixtures:
// bash .ci/with-server node tests/mcp/conformance.mjs [REVISION …]
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { start } from './fixture.mjs';

const { TACKBOARD_ORIGIN: origin, TACKBOARD_TOKEN: token } = process.env;
const suite = fileURLToPath(new URL('node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url));
const revisions = process.argv.length > 2 ? process.argv.slice(2) : ['2026-07-28', '2025-11-25'];

const { url, stop } = await start({ origin, token });
let failed = false;
for (const revision of revisions) {
  const run = spawn(process.execPath, [suite, 'server', '--url', url, '--requirements', revision], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  run.stdout.on('data', (part) => { output += part; });
  const status = await new Promise((ended) => run.on('close', ended));
  const passed = output.match(/^✓ .*: [1-9]\d* passed, 0 failed$/gm)?.length ?? 0;
  const isGood = status === 0 && passed > 0;
  console.log(`${revision}: ${isGood ? `all required scenarios pass (${passed} of those that were run)` : output}`);
  failed ||= !isGood;
}
stop();
process.exit(failed ? 1 : 0);
