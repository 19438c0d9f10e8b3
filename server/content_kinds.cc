#include "server/content_kinds.h"

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/content_ranker.h"
#include "matcher/ingest/field_checks.h"

namespace gradmatch {

absl::StatusOr<uint32_t> ParseContentKinds(
    std::string_view field, const google::protobuf::RepeatedField<int>& kinds) {
  if (kinds.empty()) return AllContentKinds();
  uint32_t bits = 0;
  for (int i = 0; i < kinds.size(); ++i) {
    const int kind = kinds[i];
    if (kind > 0 && kind < 32 && (AllContentKinds() >> kind & 1) != 0) {
      bits |= 1u << kind;
      continue;
    }
    FieldError error;
    error.field = Indexed(field, i);
    error.value = absl::StrCat(kind);
    error.allowed = "POLICY、NEWS、EVENT、COURSE；岗位请用岗位的接口";
    return InvalidField(kFieldInvalid, error);
  }
  return bits;
}

}  // namespace gradmatch
