#include "matcher/ingest/validate_audience.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "index/base/error_reasons.h"
#include "index/codes/code_registry.h"
#include "index/codes/code_table.h"
#include "matcher/audience.h"

namespace gradmatch {
namespace {

constexpr int kMaxEntries = 1'000;  // of one list
constexpr size_t kMaxSchoolChars = 64;
constexpr int kFirstYear = 1950;
constexpr int kLastYear = 2100;

void CheckRegion(const std::string& field, const std::string& region,
                 FieldChecks& check) {
  const CodeTable* table = CodeTable::Get("region");
  if (region.empty()) {
    check.Fail(kFieldMissing, field, "", "GB/T 2260 行政区划代码");
    return;
  }
  if (table == nullptr || table->Find(region) != nullptr) return;
  const auto nearest = table->Nearest(region, 1);
  check.Fail(kCodeUnknown, field, region, "GB/T 2260 行政区划代码",
             nearest.empty() ? "" : Describe(*nearest[0]));
}

void CheckMajor(const std::string& field, const v1::Code& major,
                FieldChecks& check) {
  if (major.system().empty() || major.code().empty()) {
    check.Fail(kFieldMissing, field, major.code(), "同时给出 system 和 code");
    return;
  }
  check.Code(field, major, MajorSystemNames());
}

void CheckNumbers(const std::string& path, const v1::Audience& audience,
                  FieldChecks& check) {
  for (int i = 0; i < audience.levels_size(); ++i) {
    check.Enum(Indexed(path + ".levels", i), audience.levels(i),
               v1::EducationLevel_IsValid(audience.levels(i)) &&
                   audience.levels(i) != v1::EDUCATION_LEVEL_UNSPECIFIED,
               "1 (初中及以下) 至 6 (博士)");
  }
  for (int i = 0; i < audience.graduation_years_size(); ++i) {
    check.Range(Indexed(path + ".graduation_years", i),
                audience.graduation_years(i), kFirstYear, kLastYear);
  }
  for (int i = 0; i < audience.posting_kinds_size(); ++i) {
    check.Enum(Indexed(path + ".posting_kinds", i), audience.posting_kinds(i),
               v1::PostingKind_IsValid(audience.posting_kinds(i)) &&
                   audience.posting_kinds(i) != v1::POSTING_KIND_UNSPECIFIED,
               absl::StrCat("1 至 ", v1::PostingKind_ARRAYSIZE - 1));
  }
}

void CheckLists(const std::string& path, const v1::Audience& audience,
                FieldChecks& check) {
  const std::pair<std::string_view, int> sizes[] = {
      {".regions", audience.regions_size()},
      {".levels", audience.levels_size()},
      {".majors", audience.majors_size()},
      {".graduation_years", audience.graduation_years_size()},
      {".schools", audience.schools_size()},
      {".posting_kinds", audience.posting_kinds_size()}};
  for (const auto& [list, size] : sizes) {
    check.Count(path + std::string(list), size, kMaxEntries);
    if (size > kMaxEntries) return;
  }
  for (int i = 0; i < audience.regions_size(); ++i) {
    CheckRegion(Indexed(path + ".regions", i), audience.regions(i), check);
  }
  for (int i = 0; i < audience.majors_size(); ++i) {
    CheckMajor(Indexed(path + ".majors", i), audience.majors(i), check);
  }
  for (int i = 0; i < audience.schools_size(); ++i) {
    const std::string field = Indexed(path + ".schools", i);
    check.Required(field, audience.schools(i));
    check.Line(field, audience.schools(i), kMaxSchoolChars);
  }
  CheckNumbers(path, audience, check);
}

bool AsksForNothing(const v1::Audience& audience) {
  return audience.ByteSizeLong() == 0;
}

// Counts the nested audiences into `nodes` and checks them; stops at the first
// beyond a limit, so that a hostile message costs no more than a good one.
void CheckTree(const std::string& path, const v1::Audience& audience, int depth,
               int& nodes, FieldChecks& check) {
  CheckLists(path, audience, check);
  const auto check_nested = [&](const auto& children, std::string_view list) {
    for (int i = 0; i < children.size() && nodes <= kMaxAudienceNodes; ++i) {
      const std::string field = Indexed(path + std::string(list), i);
      if (depth == kMaxAudienceDepth) {
        check.Fail(kFieldOutOfRange, field, absl::StrCat(depth + 1, " 层"),
                   absl::StrCat("嵌套至多 ", kMaxAudienceDepth, " 层"));
        return;
      }
      if (++nodes > kMaxAudienceNodes) {
        check.Fail(kFieldOutOfRange, field, absl::StrCat("第 ", nodes, " 个"),
                   absl::StrCat("any_of 与 none_of 合计至多 ",
                                kMaxAudienceNodes, " 个"));
        return;
      }
      if (AsksForNothing(children[i])) {
        check.Fail(kFieldMissing, field, "", "至少一个条件");
      }
      CheckTree(field, children[i], depth + 1, nodes, check);
    }
  };
  check_nested(audience.any_of(), ".any_of");
  check_nested(audience.none_of(), ".none_of");
}

}  // namespace

void CheckAudienceFields(const std::string& path, const v1::Audience& audience,
                         FieldChecks& check) {
  int nodes = 0;
  CheckTree(path, audience, 0, nodes, check);
}

void CompleteAudience(v1::Audience& audience) {
  const CodeTable* regions = CodeTable::Get("region");
  for (std::string& region : *audience.mutable_regions()) {
    const CodeEntry* entry =
        regions == nullptr ? nullptr : regions->Find(region);
    if (entry != nullptr) region = std::string(entry->code);
  }
  for (v1::Code& major : *audience.mutable_majors()) {
    CompleteCode(major, MajorSystemNames());
  }
  for (v1::Audience& child : *audience.mutable_any_of()) {
    CompleteAudience(child);
  }
  for (v1::Audience& child : *audience.mutable_none_of()) {
    CompleteAudience(child);
  }
}

}  // namespace gradmatch
