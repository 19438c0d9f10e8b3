#include "matcher/ingest/normalize_content.h"

#include <optional>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "matcher/content_schema.h"
#include "matcher/ingest/complete_code.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/ingest/proto_times.h"
#include "matcher/ingest/validate_audience.h"
#include "matcher/proto_time.h"

namespace gradmatch {
namespace {

constexpr char kFeeRule[] = "FEE_OR_DEPOSIT";

void CleanPlace(std::string_view field, v1::Location& location,
                Issues& issues) {
  if (!location.address().empty()) CleanLine(location.mutable_address());
  if (!location.has_region()) return;
  v1::Code& region = *location.mutable_region();
  CompleteAndFlag(field, kRegionSystems, region, issues);
  if (region.code().empty() && !region.display().empty()) {
    *issues.Add() =
        MakeIssue(kIssueCodeMissing, field, region.display(),
                  "未识别的地点，已按原文保留；请给出 GB/T 2260 代码");
  }
}

// The order stays.
void DropRepeated(google::protobuf::RepeatedPtrField<std::string>& names) {
  std::set<std::string> seen;
  int kept = 0;
  for (int i = 0; i < names.size(); ++i) {
    if (!seen.insert(names[i]).second) continue;
    if (kept != i) names.SwapElements(kept, i);
    ++kept;
  }
  names.DeleteSubrange(kept, names.size() - kept);
}

void CleanTexts(v1::Content& c) {
  CleanLine(c.mutable_title());
  CleanText(c.mutable_text());
  absl::StripAsciiWhitespace(c.mutable_url());
  if (!c.url().empty() && !c.url().starts_with("http://") &&
      !c.url().starts_with("https://")) {
    *c.add_issues() = MakeIssue(kIssueUrlInvalid, "url", c.url(),
                                "地址应以 http:// 或 https:// 开头");
  }
  if (c.has_event()) {
    CleanWords(c.mutable_event()->mutable_employers());
    DropRepeated(*c.mutable_event()->mutable_postings());
    if (c.event().has_location()) {
      CleanPlace("event.location.region",
                 *c.mutable_event()->mutable_location(), *c.mutable_issues());
    }
  }
  if (c.has_course()) {
    CleanWords(c.mutable_course()->mutable_skills());
    CleanLine(c.mutable_course()->mutable_provider());
    if (c.course().has_location()) {
      CleanPlace("course.location.region",
                 *c.mutable_course()->mutable_location(), *c.mutable_issues());
    }
  }
}

// When content without an expiry stops to matter; nullopt: not by itself.
std::optional<absl::Time> NaturalEnd(const v1::Content& c) {
  const std::optional<absl::Time> end = EndOf(c);
  if (end.has_value()) return end;
  if (c.kind() == v1::CONTENT_KIND_NEWS) {
    return TimeOf(c.publish_time()) + kNewsLife;
  }
  return std::nullopt;
}

void SetLife(absl::Time receipt, v1::Content& c) {
  if (c.state() == v1::Content::STATE_UNSPECIFIED) {
    c.set_state(v1::Content::STATE_OPEN);
  }
  if (!c.has_publish_time()) {
    *c.mutable_publish_time() = ProtoTimeOf(receipt);
    *c.add_issues() = MakeIssue(kIssuePublishMissing, "publish_time", "",
                                "未写发布时间，按收到时间计");
  }
  if (!c.has_expire_time()) {
    const std::optional<absl::Time> end = NaturalEnd(c);
    if (end.has_value()) {
      *c.mutable_expire_time() = ProtoTimeOf(*end);
      *c.add_issues() =
          MakeIssue(kIssueExpiryMissing, "expire_time", "",
                    absl::StrCat("未写失效时间，按 ", ChinaDate(*end), " 计"));
    }
  }
  if (c.has_expire_time() && TimeOf(c.expire_time()) < receipt) {
    *c.add_issues() = MakeIssue(kIssueAlreadyExpired, "expire_time",
                                ChinaDate(TimeOf(c.expire_time())),
                                "收到时已过失效时间，不会展示；请核对日期");
  }
}

}  // namespace

void NormalizeContent(absl::Time receipt, v1::Content& content) {
  content.clear_issues();
  CleanTexts(content);
  if (content.has_audience()) CompleteAudience(*content.mutable_audience());
  SetLife(receipt, content);
}

void FlagScreening(const Screener& screener, v1::Content& content) {
  v1::Posting as_posting;
  as_posting.set_title(content.title());
  as_posting.set_description(content.text());
  for (const v1::RuleVerdict& verdict : screener.Screen(as_posting)) {
    if (content.kind() == v1::CONTENT_KIND_COURSE &&
        verdict.rule() == kFeeRule) {
      continue;
    }
    *content.add_issues() =
        MakeIssue(verdict.rule(),
                  verdict.field() == "description" ? "text" : verdict.field(),
                  verdict.excerpt(), verdict.message());
  }
}

}  // namespace gradmatch
