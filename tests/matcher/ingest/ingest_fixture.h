#ifndef GRADMATCH_TESTS_MATCHER_INGEST_INGEST_FIXTURE_H_
#define GRADMATCH_TESTS_MATCHER_INGEST_INGEST_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "index/base/clock.h"
#include "index/catalog.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "matcher/hash_encoder.h"
#include "matcher/ingest/catalog_loader.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/ingest/posting_ingester.h"
#include "matcher/ingest/resource_id.h"
#include "matcher/screening/screener.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {

// A catalog in memory with everything that writes to it.
class IngestFixture : public testing::Test {
 protected:
  explicit IngestFixture(Store* store = nullptr)
      : store_(store != nullptr ? *store : memory_) {
    Reopen();
  }

  void Reopen() {
    graduates_.reset();
    postings_.reset();
    auto catalog = Catalog::Open(store_, clock_, MakeCatalogOptions(encoder_),
                                 MakeCatalogLoader(encoder_));
    ASSERT_TRUE(catalog.ok()) << catalog.status();
    catalog_ = *std::move(catalog);
    postings_ = std::make_unique<PostingIngester>(*catalog_, store_, encoder_,
                                                  *screener_, clock_);
    graduates_ = std::make_unique<GraduateIngester>(*catalog_, store_, encoder_,
                                                    pseudonyms_);
  }

  // A posting that has nothing to object to.
  static v1::Posting Good(const std::string& id) {
    v1::Posting posting;
    posting.set_source_posting_id(id);
    posting.set_title("会计 " + id);
    posting.mutable_employer()->set_name("武汉某某有限公司");
    posting.set_description("负责日常账务处理，熟练使用 Excel。");
    posting.set_openings(2);
    posting.mutable_expire_time()->set_seconds(1'800'000'000);  // 2027
    return posting;
  }
  static PostingOp Upsert(v1::Posting posting) {
    PostingOp op;
    op.posting = std::move(posting);
    return op;
  }
  static PostingOp Close(const std::string& id, int64_t revision = 0) {
    PostingOp op;
    op.action = IngestAction::kClose;
    op.source_posting_id = id;
    op.revision = revision;
    return op;
  }
  static PostingOp Delete(const std::string& id, int64_t revision = 0) {
    PostingOp op = Close(id, revision);
    op.action = IngestAction::kDelete;
    return op;
  }

  std::vector<PostingRow> Ingest(const std::vector<PostingOp>& ops,
                                 const PostingIngestOptions& options = {},
                                 const PostingSource& source = {"hubei"}) {
    auto rows = postings_->Ingest(source, ops, options);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? *std::move(rows) : std::vector<PostingRow>(ops.size());
  }
  PostingRow IngestOne(const PostingOp& op,
                       const PostingSource& source = {"hubei"}) {
    return Ingest({op}, {.return_records = true}, source)[0];
  }

  v1::Posting Stored(const std::string& id,
                     const std::string& source = "hubei") {
    const std::string key = PostingKey(source, id);
    const auto record = catalog_->Get(CollectionId::kPostings, key);
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? *PostingFromRecord(key, *record) : v1::Posting();
  }
  bool IsSearched(const std::string& id, const std::string& source = "hubei") {
    return catalog_->CurrentSnapshot()
        ->Find(MakePostingName(source, id))
        .has_value();
  }
  bool Has(Family family, const std::string& key) {
    return store_.Get(family, key).ok();
  }

  InMemoryStore memory_;
  Store& store_;
  ManualClock clock_{absl::FromUnixSeconds(1'763'800'000)};  // 2025-11-22
  std::unique_ptr<Encoder> owned_encoder_ = *NewHashEncoder();
  Encoder& encoder_ = *owned_encoder_;
  std::unique_ptr<Screener> screener_ = MakeDefaultScreener();
  Pseudonymizer pseudonyms_ =
      Pseudonymizer::FromSecret(std::string(kSecretBytes, 's'));
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<PostingIngester> postings_;
  std::unique_ptr<GraduateIngester> graduates_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_MATCHER_INGEST_INGEST_FIXTURE_H_
