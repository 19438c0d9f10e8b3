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

namespace gradmatch {
namespace {

constexpr int kDefaultSlots = 5;
constexpr int kDefaultApplicants = 30;
constexpr int kDefaultCandidates = 100;
constexpr int kDefaultPerEmployer = 2;
constexpr int kDefaultTtlDays = 14;
constexpr int kMaxAudienceEntries = 1000;

struct Range {
  const char* field;
  int32_t value;
  int32_t max;
};

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

void CheckAudience(std::string_view path, const v1::Audience& audience,
                   std::vector<ReasonedFieldError>& errors) {
  const auto at = [&](const char* field) {
    return absl::StrCat(A(path), ".", field);
  };
  const auto check_size = [&](const char* field, int size) {
    if (size <= kMaxAudienceEntries) return;
    errors.push_back({kFieldOutOfRange,
                      {at(field), absl::StrCat(size, " 项"),
                       absl::StrCat("至多 ", kMaxAudienceEntries, " 项"), ""}});
  };
  check_size("regions", audience.regions_size());
  check_size("majors", audience.majors_size());
  check_size("schools", audience.schools_size());
  for (const std::string& region : audience.regions()) {
    const bool digits = std::all_of(region.begin(), region.end(), [](char c) {
      return c >= '0' && c <= '9';
    });
    if (digits &&
        (region.size() == 2 || region.size() == 4 || region.size() == 6)) {
      continue;
    }
    errors.push_back({kCodeUnknown,
                      {at("regions"), region,
                       "GB/T 2260 行政区划代码（2、4 或 6 位数字）", ""}});
  }
  for (const v1::Code& major : audience.majors()) {
    if (!major.system().empty() && !major.code().empty()) continue;
    errors.push_back({kFieldMissing,
                      {at("majors"), major.ShortDebugString(),
                       "同时给出 system 和 code", ""}});
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
  CheckAudience(field, audience, errors);
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
  return ContentHash(DeterministicBytes(content));
}

}  // namespace gradmatch
