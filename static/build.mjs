// Builds static/src into static/dist: each file with a hash of its content in its name, beside itself in gzip and
// Brotli, and manifest.json from plain names to hashed ones.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build, transform } from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const source = join(here, "src");
const target = join(here, "dist");
const making = join(here, "dist.making");

const browsers = ["chrome100", "firefox100", "safari15"];

async function stylesheet(name) {
  const { css } = sass.compile(join(source, `${name}.scss`), {
    loadPaths: [source, join(root, "node_modules")],
    quietDeps: true,
    style: "compressed",
  });
  const { code } = await transform(css, { loader: "css", minify: true, target: browsers });
  return [`${name}.css`, Buffer.from(code)];
}

async function script(name) {
  const { outputFiles } = await build({
    bundle: true,
    entryPoints: [join(source, `${name}.js`)],
    format: "esm",
    legalComments: "none",
    logLevel: "warning",
    minify: true,
    target: browsers,
    write: false,
  });
  return [`${name}.js`, Buffer.from(outputFiles[0].contents)];
}

function hashed(name, content) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const ending = extname(name);
  return `${basename(name, ending)}-${digest}${ending}`;
}

function compressed(content) {
  return {
    ".gz": gzipSync(content, { level: 9 }),
    ".br": brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  };
}

const files = [
  await stylesheet("main"),
  await stylesheet("map"),
  await script("main"),
  await script("map"),
  await script("charts"),
  await script("suggest"),
  ["icon.svg", readFileSync(join(source, "icon.svg"))],
];

rmSync(making, { recursive: true, force: true });
mkdirSync(making);
const manifest = {};
for (const [name, content] of files) {
  const kept = hashed(name, content);
  manifest[name] = kept;
  writeFileSync(join(making, kept), content);
  for (const [ending, small] of Object.entries(compressed(content))) {
    if (small.length < content.length) {
      writeFileSync(join(making, kept + ending), small);
    }
  }
  console.log(`${kept}  ${content.length} bytes, ${compressed(content)[".gz"].length} in gzip`);
}
writeFileSync(join(making, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
rmSync(target, { recursive: true, force: true });
renameSync(making, target);
