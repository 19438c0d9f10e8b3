// Sealed values as they come from the store, altered or not ours.

#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "gradmatch/v1/storage.pb.h"
#include "index/file_system.h"
#include "index/vault/seal_keys.h"
#include "index/vault/sealed_flags.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

std::string TempPath() {
  std::string folder = "/tmp/gradmatch_fuzz_XXXXXX";
  PROMISE(mkdtemp(folder.data()) != nullptr);
  return folder + "/keys";
}

SealKeys Keys() {
  const std::string path = TempPath();
  PROMISE(NewSealKeyFile(path).ok());
  auto keys = SealKeys::Load(path);
  PROMISE(keys.ok());
  PROMISE(RemoveTree(path.substr(0, path.rfind('/'))).ok());
  return *std::move(keys);
}

std::string Sealed(const SealKeys& keys, std::string_view pseudonym) {
  SealedFlags flags;
  flags.hardship = true;
  flags.disability = false;
  return SealFlags(flags, pseudonym, keys).SerializeAsString();
}

}  // namespace

// Nothing opens but what was sealed, for whom it was sealed: not random bytes,
// and not a sealed record with some bytes replaced.
void FuzzSealedValue(std::string_view bytes) {
  static const auto& keys = *new SealKeys(Keys());
  static const auto& good = *new std::string(Sealed(keys, "p1"));
  static const auto& others = *new std::string(Sealed(keys, "p2"));
  v1::StoredSealed record;
  if (record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) &&
      record.values_size() > 0) {
    PROMISE(!UnsealFlags(record, "p1", keys).ok());
  }
  std::string altered = good;
  Choices choices(bytes);
  const size_t edits = 1 + choices.Pick(4);
  for (size_t i = 0; i < edits; ++i) {
    altered[choices.Pick(altered.size())] ^=
        static_cast<char>(choices.Pick(256));
  }
  v1::StoredSealed original;
  PROMISE(original.ParseFromString(good));
  if (record.ParseFromString(altered) && record.SerializeAsString() != good &&
      record.values_size() >= 2) {
    PROMISE(!UnsealFlags(record, "p1", keys).ok());
  }
  // A value of somebody else in its place.
  v1::StoredSealed foreign;
  PROMISE(foreign.ParseFromString(others));
  *original.mutable_values(static_cast<int>(choices.Pick(2))) =
      foreign.values(static_cast<int>(choices.Pick(2)));
  PROMISE(!UnsealFlags(original, "p1", keys).ok());
}

}  // namespace gradmatch
