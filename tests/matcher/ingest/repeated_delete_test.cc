// A source that deletes what is deleted already, with a higher revision, only
// raises the revision of the tombstone. It once made an empty record of it,
// which lists then showed.

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "index/keys.h"
#include "matcher/ingest/content_ingester.h"
#include "tests/matcher/ingest/ingest_fixture.h"

namespace gradmatch {
namespace {

class RepeatedDeleteTest : public IngestFixture {
 protected:
  v1::SyncRowResult::Status DeleteGraduate(int64_t revision) {
    GraduateOp op;
    op.action = IngestAction::kDelete;
    op.graduate_id = "g";
    op.revision = revision;
    const auto rows = graduates_->Ingest(std::vector<GraduateOp>{op});
    EXPECT_TRUE(rows.ok()) << rows.status();
    return (*rows)[0].status;
  }
  v1::SyncRowResult::Status DeleteContent(int64_t revision) {
    ContentIngester contents(
        *catalog_, encoder_, *screener_,
        [](std::string_view) -> std::optional<bool> { return false; }, clock_);
    ContentOp op;
    op.action = IngestAction::kDelete;
    op.content_id = "c";
    op.revision = revision;
    const auto rows = contents.Ingest(std::vector<ContentOp>{op});
    EXPECT_TRUE(rows.ok()) << rows.status();
    return (*rows)[0].status;
  }
  v1::SyncRowResult::Status DeletePosting(int64_t revision) {
    return Ingest({Delete("p", revision)})[0].status;
  }

  struct Kind {
    CollectionId collection;
    std::function<v1::SyncRowResult::Status(int64_t revision)> erase;
  };
  std::vector<Kind> Kinds() {
    return {{CollectionId::kPostings,
             [this](int64_t revision) { return DeletePosting(revision); }},
            {CollectionId::kGraduates,
             [this](int64_t revision) { return DeleteGraduate(revision); }},
            {CollectionId::kContents,
             [this](int64_t revision) { return DeleteContent(revision); }}};
  }
};

TEST_F(RepeatedDeleteTest, RaisesTheRevisionOfTheTombstone) {
  for (const Kind& kind : Kinds()) {
    SCOPED_TRACE(std::string(CollectionName(kind.collection)));
    EXPECT_EQ(kind.erase(5), v1::SyncRowResult::STATUS_CLOSED);
    EXPECT_EQ(kind.erase(8), v1::SyncRowResult::STATUS_UNCHANGED);
    EXPECT_EQ(kind.erase(6), v1::SyncRowResult::STATUS_STALE);
    const auto listed = catalog_->List(kind.collection, {}, 10);
    ASSERT_TRUE(listed.ok()) << listed.status();
    EXPECT_EQ(listed->size(), 0);
    EXPECT_EQ(catalog_->Counts(kind.collection).records, 0);
    EXPECT_EQ(catalog_->Counts(kind.collection).tombstones, 1);
  }
}

}  // namespace
}  // namespace gradmatch
