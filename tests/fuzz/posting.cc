// Postings as a source may send them, in protobuf's wire form.

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "gradmatch/v1/posting.pb.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/ingest/validate_posting.h"
#include "matcher/screening/screener.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

const absl::Time kReceipt = absl::FromUnixSeconds(1'780'000'000);

void CheckVerdicts(const v1::Posting& posting) {
  static const auto& screener = *MakeDefaultScreener().release();
  for (const v1::RuleVerdict& verdict : screener.Screen(posting)) {
    PROMISE(!verdict.rule().empty());
  }
}

}  // namespace

// What is valid can be normalised, and is valid still.
void FuzzPosting(std::string_view bytes) {
  v1::Posting posting;
  if (!ReadMessage(bytes, posting)) return;
  CheckVerdicts(posting);
  if (!ValidatePosting(posting).empty()) return;
  NormalizePosting(kReceipt, absl::Hours(24 * 90), posting);
  PROMISE(ValidatePosting(posting).empty());
  PROMISE(posting.issues_size() <= 1'000);
}

}  // namespace gradmatch
