#ifndef GRADMATCH_TESTS_MATCHER_PUSH_PUSH_WORLD_H_
#define GRADMATCH_TESTS_MATCHER_PUSH_PUSH_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "gradmatch/v1/push.pb.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/clock.h"
#include "index/catalog.h"
#include "index/push_store.h"
#include "matcher/push/push_ranker.h"
#include "matcher/push/push_run.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {

// A posting of the tests, in source "s".
struct TestPosting {
  std::string id;
  int openings = 1;
  std::string employer = "e";
  std::string canonical;  // id of the founder of its group; empty: itself
  std::string title;      // empty: one of its own
  v1::Posting::State state = v1::Posting::STATE_OPEN;
};

// Scores by a hash of the two names: a quarter of the pairs is ruled out, and
// scores have few values, so that ties are common.
class HashRanker : public PushRanker {
 public:
  absl::StatusOr<std::vector<PushCandidate>> Candidates(
      const Snapshot& snapshot, const PushSubject& subject, int max,
      bool include_conditional, absl::Time now) const override;
  absl::StatusOr<std::vector<PushDetails>> Details(
      const Snapshot& snapshot, const PushSubject& subject,
      std::span<const PushChoice> choices, absl::Time now) const override;
  std::string_view version() const override { return "hash-test"; }

  // Below 0: ruled out.
  static float ScoreOf(std::string_view graduate, std::string_view posting);
};

// A profile with this text is eligible for nothing, once an item is written.
inline constexpr std::string_view kNoLongerEligible = "no longer eligible";

// Postings and graduates in a store in memory, with push on top. The store can
// be shared with another world: a server that starts again.
class PushWorld {
 public:
  explicit PushWorld(InMemoryStore& store);

  void PutPosting(const TestPosting& posting);
  // Tells the store that these ids are one group, the first its founder.
  void PutGroup(const std::vector<std::string>& ids);
  // The group of this founder has lost its last member.
  void EndGroup(const std::string& founder);
  void PutGraduate(const v1::Graduate& graduate);
  // graduates/g{i}, active, nothing else said.
  void PutGraduates(int count);
  void SetLifecycle(int graduate, v1::Graduate::Lifecycle lifecycle);

  // What a caller of RunPushPlan stores.
  void StoreRun(const std::string& run_id, const v1::PushPlan& plan);
  // `store` stands in for the world's own where writes shall fail.
  absl::StatusOr<PushEnd> Execute(
      const std::string& run_id, int threads = 2, Store* store = nullptr,
      const std::function<PushWord()>& word = nullptr);
  // StoreRun and Execute, expected to end READY.
  v1::PushRun Run(const std::string& run_id, const v1::PushPlan& plan,
                  int threads = 2);

  std::vector<v1::PushItem> Items(const std::string& run_id) const;
  v1::StoredPushRun StoredRun(const std::string& run_id) const;
  static std::string GraduateKeyOf(std::string_view id);
  static std::string PostingNameOf(std::string_view id);

  ManualClock clock{absl::FromUnixSeconds(1'795'000'000)};
  InMemoryStore& store;
  std::unique_ptr<Catalog> catalog;
  PushStore push_store;
  int graduates_per_write = 4;
  PriorityReader* priorities = nullptr;  // borrowed; for plans with a floor
};

v1::Graduate GraduateNamed(std::string_view id);
v1::PushPlan SmallPlan(int slots, int applicants_per_opening);
int64_t CountOf(const v1::PushRunCounts& counts, std::string_view code);
// What must hold for the figures of every run that came to its end.
void ExpectFiguresAddUp(const v1::PushRunCounts& counts);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_MATCHER_PUSH_PUSH_WORLD_H_
