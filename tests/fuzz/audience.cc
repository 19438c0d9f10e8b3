// Audiences: the filter expressions of content and push plans.

#include "matcher/audience.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/validate_audience.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

v1::Profile SomeProfile() {
  v1::Profile profile;
  auto& education = *profile.add_educations();
  auto& major = *education.add_majors();
  major.set_system("undergraduate");
  major.set_code("080901");
  return profile;
}

}  // namespace

// A valid audience stays valid when its codes are completed; it compiles to
// ascending keys, and its nodes are as many as are allowed.
void FuzzAudience(std::string_view bytes) {
  v1::Audience audience;
  if (!ReadMessage(bytes, audience)) return;
  static const AudienceFacts facts = FactsOf(SomeProfile());
  const std::vector<uint64_t> raw = CompileAudience(audience);
  PROMISE(std::ranges::is_sorted(raw));
  (void)CheckAudienceKeys(raw, facts);

  FieldChecks check;
  check.Utf8(audience);
  if (check.ok()) CheckAudienceFields("audience", audience, check);
  if (!check.ok()) return;
  CompleteAudience(audience);
  FieldChecks again;
  CheckAudienceFields("audience", audience, again);
  PROMISE(again.ok());
  const std::vector<uint64_t> keys = CompileAudience(audience);
  PROMISE(std::ranges::adjacent_find(keys, std::greater_equal<>()) ==
          keys.end());
  const AudienceFinding finding = CheckAudienceKeys(keys, facts);
  PROMISE(finding.specificity >= 0);
  (void)AudienceWords(audience, facts);
}

}  // namespace gradmatch
