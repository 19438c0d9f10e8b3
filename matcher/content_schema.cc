#include "matcher/content_schema.h"

#include <algorithm>
#include <limits>

#include "absl/time/civil_time.h"
#include "index/base/clock.h"
#include "matcher/audience.h"
#include "matcher/posting_keys.h"
#include "matcher/posting_schema.h"
#include "matcher/proto_time.h"

namespace gradmatch {
namespace {

constexpr int32_t kForever = std::numeric_limits<int32_t>::max();

std::vector<uint64_t> PlaceKeys(const v1::Content& content) {
  const std::string digits = RegionDigits(LocationOf(content).region().code());
  if (digits.empty()) return {kNotStatedKey};
  std::vector<uint64_t> keys = {AtKey(digits)};
  for (const std::string_view prefix : Prefixes(digits)) {
    keys.push_back(WithinKey(prefix));
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

const ColumnSchema& ContentSchema() {
  static const auto& schema =
      *new ColumnSchema{{"kind", "expire", "publish_day", "start", "end",
                         "online", "postings", "sandbox"},
                        {"audience", "places"}};
  return schema;
}

bool IsSearchable(const v1::Content& content) {
  return content.state() == v1::Content::STATE_OPEN;
}

const v1::Period& PeriodOf(const v1::Content& content) {
  return content.has_event() ? content.event().period()
                             : content.course().period();
}

std::optional<absl::Time> EndOf(const v1::Content& content) {
  const v1::Period& period = PeriodOf(content);
  if (period.has_end_time()) return TimeOf(period.end_time());
  if (!period.has_start_time()) return std::nullopt;
  const absl::CivilDay day =
      absl::ToCivilDay(TimeOf(period.start_time()), ChinaTime());
  return absl::FromCivil(day + 1, ChinaTime());
}

const v1::Location& LocationOf(const v1::Content& content) {
  return content.has_event() ? content.event().location()
                             : content.course().location();
}

bool IsOnline(const v1::Content& content) {
  return content.has_event() ? content.event().online()
                             : content.course().online();
}

AttributeRow ContentAttributes(const v1::Content& content, bool sandbox) {
  const v1::Period& period = PeriodOf(content);
  const std::optional<absl::Time> end = EndOf(content);
  AttributeRow row;
  row.scalars.resize(kContentScalarCount);
  row.scalars[kContentKindColumn] = content.kind();
  row.scalars[kContentExpireColumn] =
      content.has_expire_time() ? SchemaSecond(TimeOf(content.expire_time()))
                                : kForever;
  row.scalars[kContentPublishColumn] =
      content.has_publish_time() ? ChinaDay(TimeOf(content.publish_time())) : 0;
  row.scalars[kContentStartColumn] =
      period.has_start_time() ? SchemaSecond(TimeOf(period.start_time())) : 0;
  row.scalars[kContentEndColumn] =
      end.has_value() ? SchemaSecond(*end) : kForever;
  row.scalars[kContentOnlineColumn] = IsOnline(content) ? 1 : 0;
  row.scalars[kContentPostingsColumn] = content.event().postings_size();
  row.scalars[kContentSandboxColumn] = sandbox ? 1 : 0;
  row.sets.resize(kContentSetCount);
  row.sets[kContentAudienceColumn] = CompileAudience(content.audience());
  row.sets[kContentPlaceColumn] = PlaceKeys(content);
  return row;
}

}  // namespace gradmatch
