#!/usr/bin/env bash
# The WebGPU engine on a machine with a GPU: the conformance suite, then a large product and training steps (bench/webgpu/gpu.ts).
#
#   bench/gpu.sh [NAME [OPTIONS…]]     writes bench/records/NAME.json (gpu), e.g. bench/gpu.sh h100 --peak 66.9
#   bench/gpu.sh --try                 small sizes on SwiftShader, to see that all of it runs; writes no record
#
# Linux: Vulkan's loader (libvulkan1) and the GPU's driver. LIMBECK_VULKAN names a driver's JSON file, where it is none of the usual ones;
# PYTHON a Python whose PyTorch has CUDA; CHROME_PATH a Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/node_modules/.bin:$PATH

sizes=()
if [ "${1:-}" = --try ]; then
  shift
  driver=/usr/lib/chromium/vk_swiftshader_icd.json
  tests=(-t "webgpu.*(matmul|linear):")
  sizes=(--networks LightNN --size 256 --batch-size 8 --repeats 1)
else
  sizes=(--record "${1:-gpu}")
  shift || true
  driver=${LIMBECK_VULKAN:-$(ls /etc/vulkan/icd.d/*.json /usr/share/vulkan/icd.d/*.json 2>/dev/null | grep -v -e lvp -e lavapipe | head -n 1 || true)}
  [ -n "$driver" ] || { echo "no Vulkan driver was found; name its JSON file in LIMBECK_VULKAN" >&2; exit 1; }
  tests=(-t "webgpu")
fi
export LIMBECK_VULKAN=$driver VK_DRIVER_FILES=$driver XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/tmp}
echo "Driver: $driver" >&2

results=$(mktemp)
trap 'rm -f "$results"' EXIT
vitest run test/engines/conformance.test.ts "${tests[@]}" --reporter=json --outputFile="$results" >/dev/null || true
counted=$(node -p 'const { numPassedTests: p, numFailedTests: f } = JSON.parse(require("fs").readFileSync(process.argv[1])); `--passed ${p} --failed ${f}`' "$results")

python=${PYTHON:-$(command -v python3 || true)}
# shellcheck disable=SC2086
node bench/webgpu/gpu.ts $counted ${python:+--python "$python"} "${sizes[@]}" "$@"
