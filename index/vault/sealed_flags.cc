#include "index/vault/sealed_flags.h"

#include <array>
#include <string>

#include "index/base/big_endian.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

constexpr std::string_view kFormat = "gradmatch-sealed-1";

struct Field {
  std::string_view name;
  std::optional<bool> SealedFlags::*value;
};
// The order in which they are stored.
constexpr std::array<Field, 2> kFields = {
    {{"hardship", &SealedFlags::hardship},
     {"disability", &SealedFlags::disability}}};

std::string ContextOf(std::string_view pseudonym, std::string_view field,
                      std::string_view key_id) {
  std::string context;
  for (const std::string_view part :
       {kFormat, FamilyName(Family::kSealed), pseudonym, field,
        std::string_view(kSealAlgorithm), key_id}) {
    AppendBigEndian64(part.size(), context);
    context.append(part);
  }
  return context;
}

char PlainOf(const std::optional<bool>& value) {
  return static_cast<char>(value.has_value() ? 1 + *value : 0);
}

absl::Status Damaged() {
  return absl::DataLossError("a sealed value is damaged or not in its place");
}

}  // namespace

SealedFlags::~SealedFlags() {
  // Volatile, or the compiler would leave out what nobody reads.
  auto* bytes = reinterpret_cast<volatile unsigned char*>(this);
  for (size_t i = 0; i < sizeof(*this); ++i) bytes[i] = 0;
}

v1::StoredSealed SealFlags(const SealedFlags& flags, std::string_view pseudonym,
                           const SealKeys& keys) {
  v1::StoredSealed sealed;
  for (const Field& field : kFields) {
    v1::StoredSealed::Value& value = *sealed.add_values();
    value.set_field(std::string(field.name));
    value.set_algorithm(kSealAlgorithm);
    value.set_key_id(keys.current_id());
    value.set_nonce(RandomBytes(kSealNonceBytes));
    std::string plain(1, PlainOf(flags.*field.value));
    value.set_sealed(
        SealBytes(plain, ContextOf(pseudonym, field.name, keys.current_id()),
                  value.nonce(), keys.current()));
    Wipe(plain);
  }
  return sealed;
}

absl::StatusOr<SealedFlags> UnsealFlags(const v1::StoredSealed& sealed,
                                        std::string_view pseudonym,
                                        const SealKeys& keys) {
  if (sealed.values_size() != static_cast<int>(kFields.size())) {
    return Damaged();
  }
  SealedFlags flags;
  for (size_t i = 0; i < kFields.size(); ++i) {
    const v1::StoredSealed::Value& value = sealed.values(static_cast<int>(i));
    if (value.field() != kFields[i].name ||
        value.algorithm() != kSealAlgorithm) {
      return Damaged();
    }
    const Secret* key = keys.Find(value.key_id());
    if (key == nullptr) {
      return MakeError(absl::StatusCode::kFailedPrecondition, kSealKeyMissing,
                       "密钥文件中没有封存此值所用的密钥；请恢复旧密钥",
                       {{"key_id", value.key_id().substr(0, 16)}});
    }
    const std::optional<Secret> plain = UnsealBytes(
        value.sealed(), ContextOf(pseudonym, value.field(), value.key_id()),
        value.nonce(), *key);
    if (!plain || plain->view().size() != 1 || plain->view()[0] < 0 ||
        plain->view()[0] > 2) {
      return Damaged();
    }
    const char byte = plain->view()[0];
    if (byte != 0) flags.*kFields[i].value = byte == 2;
  }
  return flags;
}

}  // namespace gradmatch
