// The real postings through mapping and ingest: none is lost without a reason,
// the counts add up, and the fields are understood to the shares stated here.
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/feed/feed_reader.h"
#include "server/feed/feed_report.h"
#include "server/feed/posting_mapping.h"
#include "server/feed/redate.h"
#include "tests/matcher/ingest/ingest_fixture.h"

namespace gradmatch {
namespace {

constexpr char kJobs[] = "../shared/data/postings/jobs_dev.jsonl.gz";
constexpr char kMapping[] = "tools/mappings/jobs_boards.yaml";
constexpr int64_t kRows = 47'289;

using Result = v1::SyncRowResult;

class RealJobsTest : public IngestFixture {
 protected:
  // Maps all rows; rows that cannot be mapped go to `report`.
  std::vector<PostingOp> MapAll(FeedReport& report) {
    auto mapping = PostingMapping::Load(kMapping);
    EXPECT_TRUE(mapping.ok()) << mapping.status();
    const auto newest = NewestPublishTime(kJobs, {}, *mapping);
    EXPECT_TRUE(newest.ok() && newest->has_value()) << newest.status();
    const Redating redating = MakeRedating(*newest, clock_.Now());
    auto reader = OpenFeed(kJobs);
    EXPECT_TRUE(reader.ok()) << reader.status();
    std::vector<PostingOp> ops;
    FeedRow row;
    while (*(*reader)->Next(row)) {
      EXPECT_TRUE(row.status.ok()) << row.line;
      MappedPosting mapped = mapping->Map(row);
      EXPECT_FALSE(mapped.error.has_value()) << row.line;
      report.AddReadings(mapping->fields(), mapped.readings);
      Redate(redating, mapped.posting);
      PostingOp op;
      op.posting = std::move(mapped.posting);
      op.raw = std::string(row.RawToSend());
      ops.push_back(std::move(op));
    }
    return ops;
  }

  FeedReport report_{nullptr};
};

TEST_F(RealJobsTest, EveryRowIsImportedOrReported) {
  const std::vector<PostingOp> ops = MapAll(report_);
  ASSERT_EQ(ops.size(), kRows);
  for (const auto& [field, shares] : report_.readings()) {
    const double stated = static_cast<double>(shares.understood + shares.raw);
    std::printf("%-20s stated %5.1f %%, understood %6.2f %%\n", field.c_str(),
                100 * stated / kRows,
                stated > 0 ? 100 * shares.understood / stated : 100.0);
    EXPECT_GE(shares.understood, 0.97 * stated) << field;
  }

  std::map<std::string, int64_t> states;
  std::set<std::string> groups;
  for (size_t begin = 0; begin < ops.size(); begin += 256) {
    const size_t size = std::min<size_t>(256, ops.size() - begin);
    const auto rows =
        postings_->Ingest({"boards"}, std::span(ops).subspan(begin, size));
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ(rows->size(), size);
    for (size_t i = 0; i < size; ++i) {
      FeedRowReport line;
      line.line = static_cast<int64_t>(begin + i + 1);
      line.id = ops[begin + i].posting.source_posting_id();
      line.status = (*rows)[i].status;
      line.error = (*rows)[i].error;
      line.issues = (*rows)[i].issues;
      report_.Add(line);
      for (const v1::Issue& issue : line.issues) {
        if (issue.code() == "FEE_OR_DEPOSIT") {
          std::printf("fee: %s\n", issue.value().c_str());
        }
      }
      if (line.status == Result::STATUS_REJECTED) {
        EXPECT_FALSE(line.error.message().empty());
      }
    }
  }
  const FeedCounts& counts = report_.counts();
  EXPECT_EQ(counts.rows, kRows);
  int64_t sum = 0;
  for (const int64_t n : counts.by_status) sum += n;
  EXPECT_EQ(sum, kRows);
  for (int s = 1; s < Result::Status_ARRAYSIZE; ++s) {
    std::printf("%s %ld\n",
                std::string(StatusText(static_cast<Result::Status>(s))).c_str(),
                static_cast<long>(counts.by_status[s]));
  }
  for (const auto& [code, n] : report_.reasons()) {
    std::printf("  %s %ld\n", code.c_str(), static_cast<long>(n));
  }
  EXPECT_LE(counts.of(Result::STATUS_REJECTED), kRows / 200);
  EXPECT_LE(counts.of(Result::STATUS_QUARANTINED), kRows / 20);
  EXPECT_GT(counts.of(Result::STATUS_QUARANTINED), 0);
  const auto in_store = catalog_->Counts(CollectionId::kPostings);
  EXPECT_EQ(static_cast<int64_t>(in_store.records),
            kRows - counts.of(Result::STATUS_REJECTED));
  EXPECT_EQ(static_cast<int64_t>(in_store.searchable),
            counts.of(Result::STATUS_CREATED));
}

}  // namespace
}  // namespace gradmatch
