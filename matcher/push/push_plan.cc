#include "matcher/push/push_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/validate_audience.h"

namespace gradmatch {
namespace {

constexpr int kDefaultSlots = 5;
constexpr int kDefaultApplicants = 30;
constexpr int kDefaultCandidates = 100;
constexpr int kDefaultPerEmployer = 2;
constexpr int kDefaultTtlDays = 14;

struct Range {
  const char* field;
  int32_t value;
  int32_t max;
};

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Nobody can be promised more than the slots of a run.
void CheckFloor(const v1::PushPlan& plan,
                std::vector<ReasonedFieldError>& errors) {
  const int most =
      plan.slots() == 0 ? kDefaultSlots : std::clamp(plan.slots(), 1, 100);
  const int floor = plan.priority_floor();
  if (floor >= 0 && floor <= most) return;
  errors.push_back(
      {kFieldOutOfRange,
       {"push_plan.priority_floor", absl::StrCat(floor),
        absl::StrCat("0 至 ", most, "（不超过 slots），0 表示不设保底"),
        absl::StrCat(std::clamp(floor, 0, most))}});
}

void CheckAudience(const std::string& path, const v1::Audience& audience,
                   std::vector<ReasonedFieldError>& errors) {
  FieldChecks checks;
  checks.Utf8(audience);
  if (checks.ok()) {
    CheckAudienceFields(path, audience, checks);
  }
  for (const v1::RowError& error : checks.Take()) {
    errors.push_back(
        {error.reason(),
         {error.field(), error.value(), error.allowed(), error.nearest()}});
  }
}

// The same bytes for the same message: map fields apart, of which a plan has
// none, only this flag is needed.
std::string DeterministicBytes(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&out);
  out.Trim();
  return bytes;
}

}  // namespace

bool IsValidPushId(std::string_view id, int max_length) {
  if (id.empty() || id.size() > static_cast<size_t>(max_length)) return false;
  if (!IsLowerOrDigit(id.front()) || !IsLowerOrDigit(id.back())) return false;
  return std::all_of(id.begin(), id.end(),
                     [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

absl::Status ValidatePlan(const v1::PushPlan& plan) {
  std::vector<ReasonedFieldError> errors;
  const Range ranges[] = {
      {"push_plan.slots", plan.slots(), 100},
      {"push_plan.applicants_per_opening", plan.applicants_per_opening(), 1000},
      {"push_plan.candidates", plan.candidates(), 1000},
      {"push_plan.max_per_employer", plan.max_per_employer(), 100},
      {"push_plan.item_ttl_days", plan.item_ttl_days(), 365}};
  for (const Range& range : ranges) {
    if (range.value >= 0 && range.value <= range.max) continue;
    errors.push_back({kFieldOutOfRange,
                      {range.field, absl::StrCat(range.value),
                       absl::StrCat("1 至 ", range.max, "，或 0 表示默认值"),
                       range.value < 0 ? "0" : absl::StrCat(range.max)}});
  }
  CheckFloor(plan, errors);
  // Written so that NaN fails too.
  if (!(plan.min_score() >= 0 && plan.min_score() <= 1)) {
    errors.push_back({kFieldOutOfRange,
                      {"push_plan.min_score", absl::StrCat(plan.min_score()),
                       "0 至 1 之间的数", ""}});
  }
  if (plan.display_name().size() > 600) {
    errors.push_back(
        {kFieldTooLong,
         {"push_plan.display_name", plan.display_name(), "至多 200 个字", ""}});
  }
  if (HasControlCharacters(plan.display_name())) {
    errors.push_back({kFieldInvalid,
                      {"push_plan.display_name", plan.display_name(),
                       "不含换行等控制字符的名称", ""}});
  }
  for (int kind : plan.content_kinds()) {
    if (kind == v1::CONTENT_KIND_POSTING) continue;
    errors.push_back(
        {kFieldInvalid,
         {"push_plan.content_kinds", absl::StrCat(kind),
          "CONTENT_KIND_POSTING，或留空", "CONTENT_KIND_POSTING"}});
  }
  CheckAudience("push_plan.audience", plan.audience(), errors);
  return errors.empty() ? absl::OkStatus() : InvalidFields(errors);
}

absl::Status ValidateAudience(std::string_view field,
                              const v1::Audience& audience) {
  std::vector<ReasonedFieldError> errors;
  CheckAudience(std::string(field), audience, errors);
  return errors.empty() ? absl::OkStatus() : InvalidFields(errors);
}

v1::PushPlan WithDefaults(const v1::PushPlan& plan) {
  v1::PushPlan full = plan;
  if (full.slots() == 0) full.set_slots(kDefaultSlots);
  if (full.applicants_per_opening() == 0) {
    full.set_applicants_per_opening(kDefaultApplicants);
  }
  if (full.candidates() == 0) full.set_candidates(kDefaultCandidates);
  if (full.max_per_employer() == 0) {
    full.set_max_per_employer(kDefaultPerEmployer);
  }
  if (full.item_ttl_days() == 0) full.set_item_ttl_days(kDefaultTtlDays);
  full.clear_content_kinds();
  full.add_content_kinds(v1::CONTENT_KIND_POSTING);
  return full;
}

uint64_t PlanHash(const v1::PushPlan& plan) {
  v1::PushPlan content = WithDefaults(plan);
  content.clear_display_name();
  content.clear_etag();
  content.clear_create_time();
  content.clear_update_time();
  content.clear_schedule();
  return ContentHash(DeterministicBytes(content));
}

}  // namespace gradmatch
