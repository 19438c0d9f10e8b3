#include "matcher/ingest/validate_content.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "index/base/error_reasons.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/validate_audience.h"
#include "matcher/posting_schema.h"
#include "matcher/proto_time.h"

namespace gradmatch {
namespace {

// Texts in Unicode characters, lists in entries.
struct ContentLimits {
  size_t title = 200;
  size_t text = 20'000;
  size_t url = 2'000;
  size_t address = 500;
  size_t short_text = 200;  // an employer, a provider, a skill
  int64_t employers = 2'000;
  int64_t postings = 5'000;
  int64_t skills = 200;
  size_t record_bytes = 512 << 10;
};
constexpr ContentLimits kLimits;

void CheckOrder(std::string_view field, std::string_view before,
                const google::protobuf::Timestamp& first,
                const google::protobuf::Timestamp& second, FieldChecks& check) {
  if (TimeOf(second) >= TimeOf(first)) return;
  check.Fail(kDatesOutOfOrder, field, ChinaDate(TimeOf(second)),
             absl::StrCat("不早于 ", std::string(before), " (",
                          ChinaDate(TimeOf(first)), ")"));
}

void CheckPeriod(const std::string& path, const v1::Period& period,
                 FieldChecks& check) {
  if (period.has_start_time()) {
    check.Time(path + ".start_time", period.start_time());
  }
  if (period.has_end_time()) check.Time(path + ".end_time", period.end_time());
  if (check.ok() && period.has_start_time() && period.has_end_time()) {
    CheckOrder(path + ".end_time", path + ".start_time", period.start_time(),
               period.end_time(), check);
  }
}

void CheckLocation(const std::string& path, const v1::Location& location,
                   FieldChecks& check) {
  check.Code(path + ".region", location.region(), kRegionSystems);
  check.Length(path + ".address", location.address(), kLimits.address);
}

bool NamesPlace(const v1::Location& location) {
  return !location.region().code().empty() ||
         !location.region().display().empty() || !location.address().empty();
}

void CheckEvent(const v1::EventDetails& event, FieldChecks& check) {
  CheckPeriod("event.period", event.period(), check);
  if (!event.period().has_start_time()) {
    check.Fail(kFieldMissing, "event.period.start_time", "", "开始时间");
  }
  CheckLocation("event.location", event.location(), check);
  if (!event.online() && !NamesPlace(event.location())) {
    check.Fail(kFieldMissing, "event.location", "",
               "举办地点，或 online 为 true");
  }
  check.Count("event.employers", event.employers_size(), kLimits.employers);
  for (int i = 0; i < event.employers_size() && i < kLimits.employers; ++i) {
    check.Length(Indexed("event.employers", i), event.employers(i),
                 kLimits.short_text);
  }
  check.Count("event.postings", event.postings_size(), kLimits.postings);
  for (int i = 0; i < event.postings_size() && i < kLimits.postings; ++i) {
    if (PostingKeyOfName(event.postings(i)).has_value()) continue;
    check.Fail(event.postings(i).empty() ? kFieldMissing : kNameInvalid,
               Indexed("event.postings", i), event.postings(i),
               "sources/{source}/postings/{posting}");
  }
}

void CheckCourse(const v1::CourseDetails& course, FieldChecks& check) {
  CheckPeriod("course.period", course.period(), check);
  CheckLocation("course.location", course.location(), check);
  check.Length("course.provider", course.provider(), kLimits.short_text);
  check.Count("course.skills", course.skills_size(), kLimits.skills);
  for (int i = 0; i < course.skills_size() && i < kLimits.skills; ++i) {
    check.Length(Indexed("course.skills", i), course.skills(i),
                 kLimits.short_text);
  }
}

void CheckKind(const v1::Content& content, FieldChecks& check) {
  const v1::ContentKind kind = content.kind();
  if (kind == v1::CONTENT_KIND_UNSPECIFIED) {
    check.Fail(kFieldMissing, "kind", "", "POLICY、NEWS、EVENT 或 COURSE");
  } else if (kind == v1::CONTENT_KIND_POSTING ||
             !v1::ContentKind_IsValid(kind)) {
    check.Fail(kFieldInvalid, "kind", absl::StrCat(kind),
               "POLICY、NEWS、EVENT 或 COURSE；岗位请用 PostingService");
  }
  check.Enum("state", content.state(),
             v1::Content::State_IsValid(content.state()),
             "DRAFT、OPEN、CLOSED");
  if (kind == v1::CONTENT_KIND_EVENT) {
    CheckEvent(content.event(), check);
  } else if (content.has_event()) {
    check.Fail(kFieldInvalid, "event", "", "仅用于 kind 为 EVENT 的内容");
  }
  if (kind == v1::CONTENT_KIND_COURSE) {
    CheckCourse(content.course(), check);
  } else if (content.has_course()) {
    check.Fail(kFieldInvalid, "course", "", "仅用于 kind 为 COURSE 的内容");
  }
}

void CheckTimes(const v1::Content& content, FieldChecks& check) {
  if (content.has_publish_time()) {
    check.Time("publish_time", content.publish_time());
  }
  if (content.has_expire_time()) {
    check.Time("expire_time", content.expire_time());
  }
  if (check.ok() && content.has_publish_time() && content.has_expire_time()) {
    CheckOrder("expire_time", "publish_time", content.publish_time(),
               content.expire_time(), check);
  }
}

}  // namespace

std::vector<v1::RowError> ValidateContent(const v1::Content& content) {
  FieldChecks check;
  const size_t bytes = content.ByteSizeLong();
  if (bytes > kLimits.record_bytes) {
    check.Fail(kFieldTooLong, "", absl::StrCat(bytes, " 字节"),
               absl::StrCat("整条记录至多 ", kLimits.record_bytes, " 字节"));
    return check.Take();
  }
  check.Utf8(content);
  if (!check.ok()) return check.Take();  // characters cannot be counted
  check.Required("title", content.title());
  check.Length("title", content.title(), kLimits.title);
  check.Length("text", content.text(), kLimits.text);
  check.Length("url", content.url(), kLimits.url);
  CheckKind(content, check);
  CheckTimes(content, check);
  CheckAudienceFields("audience", content.audience(), check);
  return check.Take();
}

}  // namespace gradmatch
