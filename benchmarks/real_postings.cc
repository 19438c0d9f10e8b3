#include "benchmarks/real_postings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "index/base/clock.h"
#include "server/feed/feed_reader.h"
#include "server/feed/posting_mapping.h"
#include "server/feed/redate.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {

absl::StatusOr<std::vector<v1::SyncPostingRow>> ReadPostings(
    const std::string& feed, const std::string& mapping_file) {
  const auto mapping = PostingMapping::Load(mapping_file);
  if (!mapping.ok()) return mapping.status();
  const auto newest = NewestPublishTime(feed, {}, *mapping);
  if (!newest.ok()) return newest.status();
  const Redating redating = MakeRedating(*newest, absl::Now());
  const auto reader = OpenFeed(feed);
  if (!reader.ok()) return reader.status();
  std::vector<v1::SyncPostingRow> rows;
  for (FeedRow row;;) {
    const absl::StatusOr<bool> more = (*reader)->Next(row);
    if (!more.ok()) return more.status();
    if (!*more) return rows;
    MappedPosting mapped = mapping->Map(row);
    if (!row.status.ok() || mapped.error.has_value()) {
      return absl::DataLossError(
          absl::StrCat(feed, " line ", row.line, " cannot be mapped"));
    }
    Redate(redating, mapped.posting);
    v1::SyncPostingRow& to = rows.emplace_back();
    to.set_row_number(static_cast<int64_t>(rows.size()));
    to.set_raw(std::string(row.RawToSend()));
    *to.mutable_upsert() = std::move(mapped.posting);
  }
}

absl::StatusOr<std::vector<v1::SyncPostingRow>> SyntheticPostings(
    int64_t count) {
  const auto generator = SampleGenerator::Create(
      {.postings = count,
       .graduates = 0,
       .seed = 1,
       .base_date = absl::ToCivilDay(absl::Now(), ChinaTime())});
  if (!generator.ok()) return generator.status();
  std::vector<v1::SyncPostingRow> rows(count);
  for (int64_t i = 0; i < count; ++i) {
    rows[i].set_row_number(i + 1);
    *rows[i].mutable_upsert() = (*generator)->Posting(i).posting;
  }
  return rows;
}

}  // namespace gradmatch
