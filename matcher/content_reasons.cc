#include "matcher/content_reasons.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "index/base/strings.h"
#include "matcher/proto_time.h"
#include "matcher/reasons.h"
#include "matcher/words.h"

namespace gradmatch {
namespace {

using MaybeReason = std::optional<v1::Reason>;

constexpr float kAlike = 0.5f;
constexpr int kFreshDays = 7;
constexpr int kClosingDays = 7;
constexpr size_t kMostAudienceWords = 5;

// 11月30日; with the year where it is not this one.
std::string DayWord(absl::Time time, absl::Time now) {
  const absl::CivilDay day = absl::ToCivilDay(time, ChinaTime());
  const std::string month_day =
      absl::StrCat(day.month(), "月", day.day(), "日");
  return day.year() == ChinaYear(now)
             ? month_day
             : absl::StrCat(day.year(), "年", month_day);
}

MaybeReason AudienceReason(const ContentQuery& query,
                           const v1::Content& content,
                           const RankedContent& ranked) {
  if (ranked.audience.verdict == Verdict::kOpen) {
    return MakeReason(AudienceGapCode(ranked.audience.gap),
                      AudienceGapText(ranked.audience.gap));
  }
  const std::vector<std::string> words =
      AudienceWords(content.audience(), query.facts);
  if (words.empty()) return std::nullopt;
  std::string audience = JoinWords(words, kMostAudienceWords);
  if (words.back().starts_with("有")) audience += "的";
  return MakeReason("AUDIENCE", "面向{audience}毕业生的{kind}",
                    {{"audience", std::move(audience)},
                     {"kind", std::string(ContentKindWord(content.kind()))}});
}

std::string PlaceOf(const v1::Content& content) {
  const v1::Location& location = LocationOf(content);
  const std::string place = PlaceWord(location.region());
  return place.empty() ? location.address() : place;
}

MaybeReason TakesPlaceReason(const v1::Content& content, absl::Time now) {
  const bool event = content.kind() == v1::CONTENT_KIND_EVENT;
  if (!event && content.kind() != v1::CONTENT_KIND_COURSE) return std::nullopt;
  const std::string place = PlaceOf(content);
  const std::string what = event ? "活动" : "课程";
  std::string text = place.empty() ? absl::StrCat("线上", what)
                                   : absl::StrCat(what, "在{place}");
  std::vector<std::pair<std::string, std::string>> params;
  if (!place.empty()) {
    params.emplace_back("place", place);
    if (IsOnline(content)) text += "和线上";
  } else if (!IsOnline(content)) {
    text = what;
  }
  const v1::Period& period = PeriodOf(content);
  if (period.has_start_time()) {
    text += "，{date}";
    params.emplace_back("date", DayWord(TimeOf(period.start_time()), now));
  } else if (text == what) {
    return std::nullopt;
  }
  return MakeReason(event ? "EVENT" : "COURSE", text, params);
}

MaybeReason PostingsReason(const RankedContent& ranked) {
  if (ranked.fitting_postings <= 0) return std::nullopt;
  return MakeReason("EVENT_POSTINGS", "有 {count} 个符合条件的岗位参加",
                    {{"count", absl::StrCat(ranked.fitting_postings)}});
}

MaybeReason EmployersReason(const v1::Content& content) {
  const int count = content.event().employers_size();
  if (count == 0) return std::nullopt;
  return MakeReason("EVENT_EMPLOYERS", "{count} 家单位参加",
                    {{"count", absl::StrCat(count)}});
}

MaybeReason SimilarReason(const RankedContent& ranked) {
  if (ranked.similarity < kAlike) return std::nullopt;
  return MakeReason("SIMILAR", "内容与所填档案相近");
}

MaybeReason FreshReason(const v1::Content& content, absl::Time now) {
  if (!content.has_publish_time()) return std::nullopt;
  const int days = ChinaDay(now) - ChinaDay(TimeOf(content.publish_time()));
  if (days < 0 || days > kFreshDays) return std::nullopt;
  return MakeReason("FRESH", days == 0 ? "今天发布" : "{days} 天前发布",
                    {{"days", absl::StrCat(days)}});
}

MaybeReason ClosingReason(const v1::Content& content, absl::Time now) {
  // Of an event that is its own day, which is said already.
  if (!content.has_expire_time() || content.kind() == v1::CONTENT_KIND_EVENT) {
    return std::nullopt;
  }
  const int days = ChinaDay(TimeOf(content.expire_time())) - ChinaDay(now);
  if (days < 0 || days > kClosingDays) return std::nullopt;
  return MakeReason("CLOSING", days == 0 ? "今天截止" : "还有 {days} 天截止",
                    {{"days", absl::StrCat(days)}});
}

}  // namespace

std::string_view ContentKindWord(int kind) {
  switch (kind) {
    case v1::CONTENT_KIND_POLICY:
      return "政策";
    case v1::CONTENT_KIND_NEWS:
      return "资讯";
    case v1::CONTENT_KIND_EVENT:
      return "招聘活动";
    case v1::CONTENT_KIND_COURSE:
      return "培训课程";
    default:
      return "内容";
  }
}

std::vector<v1::Reason> ContentReasons(const ContentQuery& query,
                                       const v1::Content& content,
                                       const RankedContent& ranked,
                                       absl::Time now) {
  std::vector<v1::Reason> reasons;
  const auto add = [&](MaybeReason reason) {
    if (reason.has_value() && reasons.size() < kMaxReasons) {
      reasons.push_back(*std::move(reason));
    }
  };
  if (query.personalised) add(AudienceReason(query, content, ranked));
  add(TakesPlaceReason(content, now));
  if (query.personalised) {
    add(PostingsReason(ranked));
    add(SimilarReason(ranked));
  }
  add(FreshReason(content, now));
  add(ClosingReason(content, now));
  add(EmployersReason(content));
  if (reasons.empty()) {
    add(MakeReason("FOR_EVERYBODY", "面向毕业生的{kind}",
                   {{"kind", std::string(ContentKindWord(content.kind()))}}));
  }
  return reasons;
}

}  // namespace gradmatch
