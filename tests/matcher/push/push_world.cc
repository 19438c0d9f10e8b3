#include "tests/matcher/push/push_world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "matcher/ingest/duplicate_groups.h"
#include "matcher/posting_schema.h"
#include "matcher/push/allocator.h"
#include "matcher/push/push_plan.h"

namespace gradmatch {
namespace {

constexpr size_t kDimension = 32;

const Pseudonymizer& Pseudonyms() {
  static const Pseudonymizer pseudonyms =
      Pseudonymizer::FromSecret(std::string(kSecretBytes, 's'));
  return pseudonyms;
}

absl::StatusOr<std::optional<LoadedRow>> Load(CollectionId collection,
                                              std::string_view,
                                              std::string_view payload,
                                              std::optional<Embedding>) {
  if (collection == CollectionId::kGraduates) return std::nullopt;
  v1::Posting posting;
  if (!posting.ParseFromString(std::string(payload))) {
    return absl::DataLossError("posting");
  }
  if (!IsSearchable(posting)) return std::nullopt;
  return LoadedRow{posting.name(),
                   {Embedding(kDimension), PostingAttributes(posting, false)}};
}

}  // namespace

float HashRanker::ScoreOf(std::string_view graduate, std::string_view posting) {
  const uint64_t hash = ContentHash(absl::StrCat(A(graduate), "|", A(posting)));
  if (hash % 4 == 0) return -1;
  return static_cast<float>(1 + hash / 4 % 20) / 20;
}

absl::StatusOr<std::vector<PushCandidate>> HashRanker::Candidates(
    const Snapshot& snapshot, const PushSubject& subject, int max, bool,
    absl::Time) const {
  std::vector<PushCandidate> candidates;
  snapshot.live().ForEach([&](RowId row) {
    const float score = ScoreOf(subject.graduate->name(), snapshot.Id(row));
    if (score >= 0) candidates.push_back({row, score, false});
  });
  std::sort(candidates.begin(), candidates.end(),
            [&](const PushCandidate& a, const PushCandidate& b) {
              if (a.score != b.score) return a.score > b.score;
              return snapshot.Id(a.row) < snapshot.Id(b.row);
            });
  std::set<uint64_t> groups;
  std::erase_if(candidates, [&](const PushCandidate& c) {
    return !groups.insert(snapshot.SetValues(kCanonicalColumn, c.row).front())
                .second;
  });
  if (candidates.size() > static_cast<size_t>(max)) candidates.resize(max);
  return candidates;
}

absl::StatusOr<std::vector<PushDetails>> HashRanker::Details(
    const Snapshot& snapshot, const PushSubject& subject,
    std::span<const PushChoice> choices, absl::Time) const {
  std::vector<PushDetails> details;
  for (const PushChoice& choice : choices) {
    PushDetails one;
    one.score = ScoreOf(subject.graduate->name(), snapshot.Id(choice.row));
    one.wants_score = one.score;
    one.fits_score = 1;
    one.reasons.emplace_back().set_code("TEST");
    one.eligibility.set_outcome(subject.graduate->profile().text() ==
                                        kNoLongerEligible
                                    ? v1::Eligibility::OUTCOME_INELIGIBLE
                                    : v1::Eligibility::OUTCOME_ELIGIBLE);
    details.push_back(std::move(one));
  }
  return details;
}

PushWorld::PushWorld(InMemoryStore& base) : store(base), push_store(base) {
  CatalogOptions options;
  options.encoder_id = "test-1";
  options.dimension = kDimension;
  options.schemas = {PostingSchema(), ColumnSchema()};
  auto opened = Catalog::Open(store, clock, std::move(options), Load);
  EXPECT_TRUE(opened.ok()) << opened.status();
  if (opened.ok()) catalog = *std::move(opened);
}

std::string PushWorld::GraduateKeyOf(std::string_view id) {
  return GraduateKey(Pseudonyms().Of(id));
}

std::string PushWorld::PostingNameOf(std::string_view id) {
  return absl::StrCat("sources/s/postings/", A(id));
}

void PushWorld::PutPosting(const TestPosting& test) {
  v1::Posting posting;
  posting.set_name(PostingNameOf(test.id));
  posting.set_title(test.title.empty() ? absl::StrCat("岗位 ", test.id)
                                       : test.title);
  posting.set_openings(test.openings);
  posting.mutable_employer()->set_name(test.employer);
  posting.set_state(test.state);
  posting.set_canonical_posting(
      PostingNameOf(test.canonical.empty() ? test.id : test.canonical));
  posting.mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(clock.Now() + absl::Hours(24 * 30)));
  Change change;
  change.key = PostingKey("s", test.id);
  change.id = posting.name();
  change.payload = posting.SerializeAsString();
  change.content_hash = ContentHash(change.payload);
  if (IsSearchable(posting)) {
    change.row = IndexedRow{Embedding(kDimension),
                            PostingAttributes(posting, false), ""};
  }
  std::vector<Change> changes;
  changes.push_back(std::move(change));
  auto applied = catalog->Apply(std::move(changes), true);
  EXPECT_TRUE(applied.ok()) << applied.status();
}

void PushWorld::PutGroup(const std::vector<std::string>& ids) {
  v1::StoredDuplicateGroup group;
  group.set_canonical(PostingKey("s", ids.front()));
  for (const std::string& id : ids) group.add_members(PostingKey("s", id));
  const auto founder = catalog->Get(CollectionId::kPostings, group.canonical());
  v1::Posting posting;
  EXPECT_TRUE(founder.ok() && posting.ParseFromString(founder->payload));
  group.set_fingerprint(DuplicateFingerprint(posting));
  WriteBatch batch;
  batch.Put(Family::kDuplicateGroup, GroupKey(group.canonical()),
            group.SerializeAsString());
  EXPECT_TRUE(store.Write(batch, Durability::kSynced).ok());
}

void PushWorld::EndGroup(const std::string& founder) {
  WriteBatch batch;
  batch.Delete(Family::kDuplicateGroup, GroupKey(PostingKey("s", founder)));
  EXPECT_TRUE(store.Write(batch, Durability::kSynced).ok());
}

void PushWorld::PutGraduate(const v1::Graduate& graduate) {
  Change change;
  change.collection = CollectionId::kGraduates;
  const std::string& name = graduate.name();
  change.key = GraduateKeyOf(name.substr(name.rfind('/') + 1));
  change.id = name;
  change.payload = graduate.SerializeAsString();
  change.content_hash = ContentHash(change.payload);
  std::vector<Change> changes;
  changes.push_back(std::move(change));
  auto applied = catalog->Apply(std::move(changes), true);
  EXPECT_TRUE(applied.ok()) << applied.status();
}

void PushWorld::PutGraduates(int count) {
  for (int i = 0; i < count; ++i) {
    PutGraduate(GraduateNamed(absl::StrCat("g", i)));
  }
}

void PushWorld::SetLifecycle(int graduate, v1::Graduate::Lifecycle lifecycle) {
  v1::Graduate changed = GraduateNamed(absl::StrCat("g", graduate));
  changed.set_lifecycle(lifecycle);
  PutGraduate(changed);
}

void PushWorld::StoreRun(const std::string& run_id, const v1::PushPlan& plan) {
  v1::StoredPushRun run;
  run.mutable_run()->set_name(absl::StrCat("pushRuns/", run_id));
  *run.mutable_run()->mutable_plan() = plan;
  run.mutable_run()->set_state(v1::PushRun::STATE_PENDING);
  run.mutable_checkpoint()->set_plan_hash(PlanHash(plan));
  auto created = push_store.CreateRun(
      run_id, run, absl::StrCat("push-", run_id), v1::StoredOperation());
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_TRUE(created->created);
}

absl::StatusOr<PushEnd> PushWorld::Execute(
    const std::string& run_id, int threads, Store* other,
    const std::function<PushWord()>& word) {
  Store& used = other != nullptr ? *other : store;
  PushStore used_push_store(used);
  const HashRanker ranker;
  const auto allocator = NewGreedyAllocator();
  const PushRunParts parts = {.store = &used,
                              .push_store = &used_push_store,
                              .catalog = catalog.get(),
                              .ranker = &ranker,
                              .allocator = allocator.get(),
                              .clock = &clock,
                              .priorities = priorities};
  PushProgress progress;
  return ExecutePushRun(
      parts, {.threads = threads, .graduates_per_write = graduates_per_write},
      run_id, word ? word : [] { return PushWord::kGoOn; }, progress);
}

v1::PushRun PushWorld::Run(const std::string& run_id, const v1::PushPlan& plan,
                           int threads) {
  StoreRun(run_id, plan);
  const auto end = Execute(run_id, threads);
  EXPECT_TRUE(end.ok()) << end.status();
  const v1::PushRun run = StoredRun(run_id).run();
  EXPECT_EQ(run.state(), v1::PushRun::STATE_READY);
  ExpectFiguresAddUp(run.counts());
  return run;
}

std::vector<v1::PushItem> PushWorld::Items(const std::string& run_id) const {
  auto numbered = push_store.ReadItems(run_id, 0, 1'000'000);
  EXPECT_TRUE(numbered.ok()) << numbered.status();
  std::vector<v1::PushItem> items;
  for (auto& item : *numbered) items.push_back(std::move(item.item));
  return items;
}

v1::StoredPushRun PushWorld::StoredRun(const std::string& run_id) const {
  auto run = push_store.GetRun(run_id);
  EXPECT_TRUE(run.ok() && run->has_value());
  return **run;
}

v1::Graduate GraduateNamed(std::string_view id) {
  v1::Graduate graduate;
  graduate.set_name(absl::StrCat("graduates/", A(id)));
  graduate.set_lifecycle(v1::Graduate::LIFECYCLE_ACTIVE);
  return graduate;
}

v1::PushPlan SmallPlan(int slots, int applicants_per_opening) {
  v1::PushPlan plan;
  plan.set_name("pushPlans/p");
  plan.set_slots(slots);
  plan.set_applicants_per_opening(applicants_per_opening);
  return plan;
}

int64_t CountOf(const v1::PushRunCounts& counts, std::string_view code) {
  for (const v1::SuppressionCount& count : counts.suppressions()) {
    if (count.code() == code) return count.graduates();
  }
  return 0;
}

void ExpectFiguresAddUp(const v1::PushRunCounts& counts) {
  int64_t suppressed = 0;
  for (const v1::SuppressionCount& count : counts.suppressions()) {
    EXPECT_GT(count.graduates(), 0);
    EXPECT_FALSE(count.text_zh().empty());
    suppressed += count.graduates();
  }
  EXPECT_EQ(counts.graduates_done(), counts.graduates_total());
  EXPECT_EQ(counts.graduates_covered() + suppressed, counts.graduates_total());
  EXPECT_LE(counts.graduates_covered(), counts.graduates_selected());
  EXPECT_LE(counts.graduates_covered(), counts.items());
  EXPECT_LE(counts.postings_at_cap(), counts.postings_open());
}

}  // namespace gradmatch
