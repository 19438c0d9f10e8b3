# Shared by tools/check_api and tools/renew_api_baseline; sourced, from the
# repository's root, after tools/install_packages test.

baseline=proto/baseline.binpb
google_protos=proto/node_modules/google-proto-files

buf() {
  local programs=("$PWD"/proto/node_modules/@bufbuild/buf-linux-*/bin/buf)
  [[ -x ${programs[0]} ]] || {
    echo "buf is not installed: run tools/install_packages test" >&2
    return 1
  }
  "${programs[0]}" "$@"
}

# Writes the descriptors of our own files under `root` (a folder like proto/,
# with its node_modules) to `image`, without Google's: those are not ours to
# keep, and a newer copy of them is no change of our API.
write_own_image() {
  local root=$1 image=$2
  buf build "$root" --path "$root/gradmatch" --exclude-source-info \
    --exclude-imports -o "$image"
}

# Writes the descriptors of everything that our files may import to `image`.
write_imports_image() {
  local image=$1
  (cd "$google_protos" && protoc -I . -I /usr/include --include_imports \
    --descriptor_set_out="$image" google/longrunning/operations.proto \
    google/rpc/{code,error_details}.proto google/api/resource.proto \
    $(cd /usr/include && find google/protobuf -maxdepth 1 -name '*.proto' | sort))
}
