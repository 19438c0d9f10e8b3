#include "matcher/ingest/posting_ingester.h"

#include <atomic>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/codes/code_registry.h"
#include "tests/fakes/faulty_store.h"
#include "tests/matcher/ingest/ingest_fixture.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;
using Result = v1::SyncRowResult;

class PostingIngesterTest : public IngestFixture {};

std::vector<Result::Status> Statuses(const std::vector<PostingRow>& rows) {
  std::vector<Result::Status> out;
  for (const PostingRow& row : rows) out.push_back(row.status);
  return out;
}

TEST_F(PostingIngesterTest, ANewPostingIsStoredSearchedAndAnswered) {
  const PostingRow row = IngestOne(Upsert(Good("A-1")));
  EXPECT_EQ(row.status, Result::STATUS_CREATED);
  EXPECT_EQ(row.name, "sources/hubei/postings/A-1");
  ASSERT_TRUE(row.record.has_value());
  EXPECT_EQ(row.record->etag(), row.etag);
  EXPECT_EQ(row.record->revision(), 1);
  EXPECT_EQ(row.record->state(), v1::Posting::STATE_OPEN);
  EXPECT_EQ(row.record->canonical_posting(), row.name);
  EXPECT_TRUE(IsSearched("A-1"));
  EXPECT_EQ(Stored("A-1").SerializeAsString(), row.record->SerializeAsString());
  EXPECT_TRUE(ToStatus(row).ok());
}

TEST_F(PostingIngesterTest, IdsThatAreNoNamesAreHashed) {
  const PostingRow row = IngestOne(Upsert(Good("岗位 1/2")));
  EXPECT_EQ(row.status, Result::STATUS_CREATED);
  EXPECT_EQ(row.name, "sources/hubei/postings/" + PostingIdFor("岗位 1/2"));
  EXPECT_EQ(row.record->source_posting_id(), "岗位 1/2");
  EXPECT_EQ(IngestOne(Upsert(Good("岗位 1/2"))).status,
            Result::STATUS_UNCHANGED);
}

TEST_F(PostingIngesterTest, UnchangedRowsAreReadAgainWithAnImportedTable) {
  v1::Posting posting = Good("1");
  posting.clear_locations();
  posting.add_locations()->mutable_region()->set_code("440305");
  ASSERT_EQ(IngestOne(Upsert(posting)).status, Result::STATUS_CREATED);
  ASSERT_EQ(IngestOne(Upsert(posting)).status, Result::STATUS_UNCHANGED);

  std::string tsv = CodeTable::BuiltIn("region")->text();
  const std::string line = "\n440305\t440300\t3\t南山区\t南山\t\n";
  const size_t at = tsv.find(line);
  ASSERT_NE(at, std::string::npos);
  tsv.replace(at, line.size(), "\n440305\t440300\t3\t南山区\t\t\t440304\n");
  auto table = CodeTable::Parse({.system = "region", .version = "2030"}, tsv);
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_TRUE(RegisterCodeTable(*std::move(table)).ok());
  const PostingRow read = IngestOne(Upsert(posting));
  const PostingRow again = IngestOne(Upsert(posting));
  ASSERT_TRUE(SetImportedCodeTables({}).ok());
  EXPECT_EQ(read.status, Result::STATUS_UPDATED);
  EXPECT_EQ(read.record->locations(0).region().code(), "440304");
  EXPECT_EQ(again.status, Result::STATUS_UNCHANGED);
}

TEST_F(PostingIngesterTest, TheSameContentAgainChangesNothing) {
  const PostingRow first = IngestOne(Upsert(Good("1")));
  clock_.Advance(absl::Hours(24));
  const PostingRow again = IngestOne(Upsert(Good("1")));
  EXPECT_EQ(again.status, Result::STATUS_UNCHANGED);
  EXPECT_EQ(again.etag, first.etag);
  ASSERT_TRUE(again.record.has_value());
  EXPECT_EQ(again.record->SerializeAsString(),
            first.record->SerializeAsString());
}

TEST_F(PostingIngesterTest, RevisionsOrderWrites) {
  const auto at = [&](int64_t revision, const std::string& title) {
    v1::Posting posting = Good("1");
    posting.set_revision(revision);
    posting.set_title(title);
    return Upsert(posting);
  };
  const auto rows =
      Ingest({at(5, "五"), at(4, "四"), at(5, "五"), at(5, "另"), at(6, "五"),
              at(7, "七"), at(0, "八"), at(7, "七")});
  EXPECT_THAT(Statuses(rows),
              ElementsAre(Result::STATUS_CREATED, Result::STATUS_STALE,
                          Result::STATUS_UNCHANGED, Result::STATUS_STALE,
                          Result::STATUS_UNCHANGED, Result::STATUS_UPDATED,
                          Result::STATUS_UPDATED, Result::STATUS_STALE));
  EXPECT_EQ(Stored("1").revision(), 8);
  EXPECT_EQ(Stored("1").title(), "八");
  EXPECT_EQ(ReasonOf(ToStatus(rows[1])), kStaleRevision);
}

// A source that numbers its revisions sends the same ones after an upgrade; its
// postings are screened anew all the same.
TEST_F(PostingIngesterTest, NewRulesRenewWhatComesAgainAtItsRevision) {
  v1::Posting posting = Good("1");
  posting.set_revision(5);
  EXPECT_EQ(IngestOne(Upsert(posting)).status, Result::STATUS_CREATED);
  std::vector<std::unique_ptr<ScreeningRule>> rules;
  screener_ = std::make_unique<RuleScreener>("rules-next", std::move(rules));
  Reopen();
  EXPECT_EQ(IngestOne(Upsert(posting)).status, Result::STATUS_UPDATED);
  EXPECT_EQ(Stored("1").revision(), 5);
  EXPECT_EQ(IngestOne(Upsert(posting)).status, Result::STATUS_UNCHANGED);
  posting.set_title("出纳");
  EXPECT_EQ(IngestOne(Upsert(posting)).status, Result::STATUS_STALE);
}

// A posting without a last day lives 90 days from its receipt. One that its
// source sent unchanged every night ended on the 91st all the same.
TEST_F(PostingIngesterTest, APostingThatIsStillSentDoesNotEnd) {
  v1::Posting lasting = Good("1");
  lasting.clear_expire_time();
  lasting.set_revision(5);
  const v1::Posting dated = Good("2");
  IngestOne(Upsert(lasting));
  IngestOne(Upsert(dated));
  int renewed = 0;
  for (int night = 1; night <= 365; ++night) {
    clock_.Advance(absl::Hours(24));
    const auto status = IngestOne(Upsert(lasting)).status;
    ASSERT_TRUE(status == Result::STATUS_UNCHANGED ||
                status == Result::STATUS_UPDATED);
    renewed += status == Result::STATUS_UPDATED;
    ASSERT_GT(Stored("1").expire_time().seconds(),
              absl::ToUnixSeconds(clock_.Now() + absl::Hours(24 * 59)))
        << "night " << night;
    ASSERT_EQ(IngestOne(Upsert(dated)).status, Result::STATUS_UNCHANGED);
  }
  EXPECT_EQ(renewed, 12) << "not a write a night";
}

TEST_F(PostingIngesterTest, RowsOfOneIdTakeEffectInOrder) {
  v1::Posting second = Good("1");
  second.set_title("出纳");
  const auto rows = Ingest({Upsert(Good("1")), Upsert(Good("2")),
                            Upsert(second), Delete("1"), Upsert(second)});
  EXPECT_THAT(Statuses(rows),
              ElementsAre(Result::STATUS_CREATED, Result::STATUS_CREATED,
                          Result::STATUS_UPDATED, Result::STATUS_CLOSED,
                          Result::STATUS_CREATED));
  EXPECT_EQ(Stored("1").title(), "出纳");
}

TEST_F(PostingIngesterTest, ClosingAndDeleting) {
  Ingest({Upsert(Good("1")), Upsert(Good("2"))});
  const auto rows = Ingest({Close("1"), Delete("2"), Close("3"), Delete("3"),
                            Close("1"), Close("2")});
  EXPECT_THAT(Statuses(rows),
              ElementsAre(Result::STATUS_CLOSED, Result::STATUS_CLOSED,
                          Result::STATUS_REJECTED, Result::STATUS_REJECTED,
                          Result::STATUS_UNCHANGED, Result::STATUS_REJECTED));
  EXPECT_EQ(rows[2].error.reason(), kPostingNotFound);
  EXPECT_EQ(ToStatus(rows[2]).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Stored("1").state(), v1::Posting::STATE_CLOSED);
  EXPECT_EQ(Stored("2").state(), v1::Posting::STATE_DELETED);
  EXPECT_FALSE(IsSearched("1"));
  EXPECT_FALSE(IsSearched("2"));
  // The same content opens a closed posting again.
  EXPECT_EQ(IngestOne(Upsert(Good("1"))).status, Result::STATUS_UPDATED);
  EXPECT_TRUE(IsSearched("1"));
  // A late row does not bring a deleted one back.
  v1::Posting late = Good("2");
  late.set_revision(1);
  EXPECT_EQ(IngestOne(Upsert(late)).status, Result::STATUS_STALE);
}

TEST_F(PostingIngesterTest, ClosingAgainRaisesTheRevision) {
  Ingest({Upsert(Good("1")), Close("1", 7)});
  const PostingRow row = IngestOne(Close("1", 9));
  EXPECT_EQ(row.status, Result::STATUS_UNCHANGED);
  ASSERT_TRUE(row.record.has_value());
  EXPECT_EQ(row.record->revision(), 9);
  EXPECT_EQ(Stored("1").revision(), 9);
}

TEST_F(PostingIngesterTest, Preconditions) {
  PostingOp create = Upsert(Good("1"));
  create.precondition.must_not_exist = true;
  PostingOp update = Upsert(Good("2"));
  update.precondition.must_exist = true;
  const PostingRow created = IngestOne(create);
  EXPECT_EQ(created.status, Result::STATUS_CREATED);
  EXPECT_EQ(ToStatus(IngestOne(create)).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ToStatus(IngestOne(update)).code(), absl::StatusCode::kNotFound);

  v1::Posting changed = Good("1");
  changed.set_openings(3);
  PostingOp with_etag = Upsert(changed);
  with_etag.precondition.etag = "0";
  const absl::Status mismatch = ToStatus(IngestOne(with_etag));
  EXPECT_EQ(mismatch.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(mismatch), kEtagMismatch);
  with_etag.precondition.etag = created.etag;
  EXPECT_EQ(IngestOne(with_etag).status, Result::STATUS_UPDATED);
}

TEST_F(PostingIngesterTest, ABadRowDoesNotFailItsBatch) {
  v1::Posting bad = Good("2");
  bad.clear_title();
  const auto rows = Ingest({Upsert(Good("1")), Upsert(bad), Upsert(Good("3"))});
  EXPECT_THAT(Statuses(rows),
              ElementsAre(Result::STATUS_CREATED, Result::STATUS_REJECTED,
                          Result::STATUS_CREATED));
  EXPECT_EQ(rows[1].error.field(), "title");
  const absl::Status status = ToStatus(rows[1]);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FieldErrorOf(status).field, "posting.title");
}

// The catalog refuses such a revision, and with it every row of the call.
TEST_F(PostingIngesterTest, ARevisionTooLargeDoesNotFailItsBatch) {
  v1::Posting bad = Good("2");
  bad.set_revision(std::numeric_limits<int64_t>::max());
  const auto rows = Ingest({Upsert(Good("1")), Upsert(bad),
                            Delete("3", (int64_t{1} << 62) + 1),
                            Delete("4", int64_t{1} << 62)});
  EXPECT_THAT(Statuses(rows),
              ElementsAre(Result::STATUS_CREATED, Result::STATUS_REJECTED,
                          Result::STATUS_REJECTED, Result::STATUS_CLOSED));
  EXPECT_EQ(rows[1].error.field(), "revision");
}

TEST_F(PostingIngesterTest, AnAtomicBatchWithABadRowLeavesNothing) {
  v1::Posting bad = Good("2");
  bad.set_openings(-1);
  int called = 0;
  PostingIngestOptions options{.atomic = true};
  options.also = [&](std::span<const PostingRow>) {
    ++called;
    return WriteBatch();
  };
  const int64_t writes = memory_.writes();
  const auto rows = Ingest({Upsert(Good("1")), Upsert(bad)}, options);
  EXPECT_EQ(rows[1].status, Result::STATUS_REJECTED);
  EXPECT_EQ(memory_.writes(), writes);
  EXPECT_EQ(called, 0);
  EXPECT_FALSE(IsSearched("1"));

  const auto twice = Ingest({Upsert(Good("1")), Upsert(Good("1"))}, options);
  EXPECT_EQ(twice[1].error.reason(), kDuplicateId);
  EXPECT_EQ(memory_.writes(), writes);

  const auto good = Ingest({Upsert(Good("1")), Upsert(Good("2"))}, options);
  EXPECT_EQ(good[1].status, Result::STATUS_CREATED);
  EXPECT_EQ(called, 1);
}

TEST_F(PostingIngesterTest, ValidateOnlyWritesNothing) {
  v1::Posting held = Good("2");
  held.set_requirements("仅限985院校本科");
  v1::Posting bad = Good("3");
  bad.clear_title();
  const int64_t writes = memory_.writes();
  const auto rows = Ingest({Upsert(Good("1")), Upsert(held), Upsert(bad)},
                           {.validate_only = true});
  EXPECT_THAT(Statuses(rows),
              ElementsAre(Result::STATUS_CREATED, Result::STATUS_QUARANTINED,
                          Result::STATUS_REJECTED));
  EXPECT_EQ(memory_.writes(), writes);
}

TEST_F(PostingIngesterTest, TheAnswerIsWrittenWithTheChange) {
  PostingIngestOptions options;
  options.also = [](std::span<const PostingRow> rows) {
    WriteBatch batch;
    for (const PostingRow& row : rows) {
      batch.Put(Family::kRequest, row.name, row.etag);
    }
    return batch;
  };
  const int64_t writes = memory_.writes();
  const auto rows = Ingest({Upsert(Good("1"))}, options);
  EXPECT_EQ(memory_.writes(), writes + 1);
  EXPECT_EQ(*store_.Get(Family::kRequest, rows[0].name), rows[0].etag);
  // Also where nothing changes.
  options.also = [](std::span<const PostingRow>) {
    WriteBatch batch;
    batch.Put(Family::kRequest, "again", "x");
    return batch;
  };
  Ingest({Upsert(Good("1"))}, options);
  EXPECT_TRUE(Has(Family::kRequest, "again"));
}

TEST_F(PostingIngesterTest, QuarantineAndRelease) {
  v1::Posting held = Good("1");
  held.set_requirements("仅限985、211院校本科");
  const PostingRow row = IngestOne(Upsert(held));
  EXPECT_EQ(row.status, Result::STATUS_QUARANTINED);
  EXPECT_FALSE(IsSearched("1"));
  EXPECT_EQ(Stored("1").state(), v1::Posting::STATE_QUARANTINED);
  v1::QuarantineEntry entry;
  ASSERT_TRUE(entry.ParseFromString(
      *store_.Get(Family::kQuarantine, QuarantineKey("hubei", "1"))));
  EXPECT_EQ(entry.name(), "sources/hubei/quarantineEntries/1");
  EXPECT_EQ(entry.posting(), row.name);
  ASSERT_EQ(entry.verdicts_size(), 1);
  EXPECT_EQ(entry.verdicts(0).field(), "requirements");

  EXPECT_EQ(IngestOne(Upsert(Good("1"))).status, Result::STATUS_UPDATED);
  EXPECT_TRUE(IsSearched("1"));
  EXPECT_FALSE(Has(Family::kQuarantine, QuarantineKey("hubei", "1")));

  IngestOne(Upsert(held));
  IngestOne(Delete("1"));
  EXPECT_FALSE(Has(Family::kQuarantine, QuarantineKey("hubei", "1")));
}

TEST_F(PostingIngesterTest, StatesThatAreNotOffered) {
  v1::Posting draft = Good("draft");
  draft.set_state(v1::Posting::STATE_DRAFT);
  v1::Posting closed = Good("closed");
  closed.set_state(v1::Posting::STATE_CLOSED);
  v1::Posting expired = Good("expired");
  expired.mutable_expire_time()->set_seconds(1'700'000'000);
  v1::Posting claimed = Good("claimed");
  claimed.set_state(v1::Posting::STATE_QUARANTINED);
  Ingest({Upsert(draft), Upsert(closed), Upsert(expired), Upsert(claimed)});
  EXPECT_EQ(Stored("draft").state(), v1::Posting::STATE_DRAFT);
  EXPECT_EQ(Stored("closed").state(), v1::Posting::STATE_CLOSED);
  EXPECT_EQ(Stored("expired").state(), v1::Posting::STATE_EXPIRED);
  EXPECT_EQ(Stored("claimed").state(), v1::Posting::STATE_OPEN);
  EXPECT_FALSE(IsSearched("draft"));
  EXPECT_FALSE(IsSearched("closed"));
  EXPECT_FALSE(IsSearched("expired"));
  EXPECT_TRUE(IsSearched("claimed"));
}

TEST_F(PostingIngesterTest, RawRowsAreKeptAndGoWithThePosting) {
  PostingOp op = Upsert(Good("1"));
  op.raw = "{\"a\":1}";
  IngestOne(op);
  v1::StoredRawRow raw;
  ASSERT_TRUE(raw.ParseFromString(
      *store_.Get(Family::kRawRow, PostingKey("hubei", "1"))));
  EXPECT_EQ(raw.raw(), op.raw);
  IngestOne(Delete("1"));
  EXPECT_FALSE(Has(Family::kRawRow, PostingKey("hubei", "1")));
  op.raw.assign((64 << 10) + 1, 'x');
  EXPECT_EQ(IngestOne(op).error.field(), "raw");
}

TEST_F(PostingIngesterTest, NamesAndIdsMustAgree) {
  PostingOp op = Upsert(Good("1"));
  op.posting_id = "2";
  EXPECT_EQ(IngestOne(op).error.reason(), kNameInvalid);
  op.posting_id = "a/b";
  EXPECT_EQ(IngestOne(op).error.reason(), kNameInvalid);
  EXPECT_EQ(IngestOne(Close("")).error.reason(), kFieldMissing);
  EXPECT_EQ(IngestOne(Close("1", -1)).error.field(), "revision");
}

TEST_F(PostingIngesterTest, ReopeningGivesTheSameRows) {
  Ingest({Upsert(Good("1")), Upsert(Good("2")), Close("2")});
  Reopen();
  EXPECT_TRUE(IsSearched("1"));
  EXPECT_FALSE(IsSearched("2"));
  EXPECT_EQ(catalog_->open_report().remade_embeddings, 0);
}

TEST_F(PostingIngesterTest, ThreadsChangeNothing) {
  std::vector<PostingOp> ops;
  for (int i = 0; i < 100; ++i) {
    v1::Posting posting = Good(std::to_string(i));
    if (i % 7 == 0) posting.clear_title();
    if (i % 11 == 0) posting.set_requirements("985院校硕士");
    ops.push_back(Upsert(posting));
  }
  const ParallelFor threads = [](size_t n,
                                 const std::function<void(size_t)>& body) {
    std::atomic<size_t> next = 0;
    std::vector<std::thread> workers;
    for (int t = 0; t < 4; ++t) {
      workers.emplace_back([&] {
        for (size_t i; (i = next++) < n;) body(i);
      });
    }
    for (std::thread& worker : workers) worker.join();
  };
  const auto one = Ingest(ops, {.validate_only = true});
  const auto many = postings_->Ingest({"hubei"}, ops, {}, threads);
  ASSERT_TRUE(many.ok());
  EXPECT_EQ(Statuses(*many), Statuses(one));
  for (size_t i = 0; i < ops.size(); ++i) {
    ASSERT_EQ((*many)[i].issues.size(), one[i].issues.size());
  }
}

// Random operations against a map of what must be there.
TEST_F(PostingIngesterTest, AgreesWithAModel) {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    std::mt19937 rng(seed);
    const std::string source = absl::StrCat("s", seed);
    std::map<std::string, std::string> open;  // id -> title
    for (int step = 0; step < 300; ++step) {
      const std::string id = std::to_string(rng() % 12);
      const int action = static_cast<int>(rng() % 10);
      if (action < 7) {
        v1::Posting posting = Good(id);
        posting.set_title(absl::StrCat("职位", rng() % 5));
        const bool held = rng() % 6 == 0;
        if (held) posting.set_requirements("要求211高校本科");
        IngestOne(Upsert(posting), {source});
        if (held) {
          open.erase(id);
        } else {
          open[id] = posting.title();
        }
      } else {
        IngestOne(action == 7 ? Close(id) : Delete(id), {source});
        open.erase(id);
      }
      if (step % 100 == 99) Reopen();
      for (int i = 0; i < 12; ++i) {
        const std::string each = std::to_string(i);
        ASSERT_EQ(IsSearched(each, source), open.contains(each)) << step;
        if (open.contains(each)) {
          ASSERT_EQ(Stored(each, source).title(), open[each]);
        }
      }
    }
  }
}

// Whatever write fails: what was acknowledged is there, by whole rows.
TEST(PostingIngesterFaultTest, NothingIsThereByHalf) {
  for (int fail_at = 1; fail_at <= 8; ++fail_at) {
    SCOPED_TRACE(absl::StrCat("fail_at=", fail_at));
    InMemoryStore disk;
    FaultyStore store(disk, fail_at);
    ManualClock clock(absl::FromUnixSeconds(1'763'800'000));
    const std::unique_ptr<Encoder> owned = *NewHashEncoder();
    const Encoder& encoder = *owned;
    const auto screener = MakeDefaultScreener();
    std::vector<std::string> acknowledged;
    const auto run = [&](Store& s, bool write) {
      auto catalog = Catalog::Open(s, clock, MakeCatalogOptions(encoder),
                                   MakeCatalogLoader(encoder));
      if (!catalog.ok()) return;
      PostingIngester ingester(**catalog, s, encoder, *screener, clock);
      for (int i = 0; write && i < 8; ++i) {
        v1::Posting posting;
        posting.set_source_posting_id(std::to_string(i));
        posting.set_title("测试工程师");
        posting.mutable_employer()->set_name("公司");
        PostingOp op;
        op.posting = posting;
        const auto rows = ingester.Ingest({"s"}, std::vector{op});
        if (rows.ok()) acknowledged.push_back((*rows)[0].name);
      }
      if (write) return;
      for (const std::string& name : acknowledged) {
        EXPECT_TRUE((*catalog)->CurrentSnapshot()->Find(name).has_value());
      }
      // A member of the group is a record, and the other way round.
      v1::StoredDuplicateGroup group;
      const auto bytes = s.Get(Family::kDuplicateGroup, GroupKey("s/0"));
      if (bytes.ok()) {
        ASSERT_TRUE(group.ParseFromString(*bytes));
      }
      EXPECT_EQ(static_cast<size_t>(group.members_size()),
                (*catalog)->Counts(CollectionId::kPostings).records);
    };
    run(store, true);
    run(disk, false);
  }
}

}  // namespace
}  // namespace gradmatch
