// People's rights while everybody works on one gradmatchd: opt-outs, placements
// and erasures against people who ask, push runs that are exported and sources
// that repeat their rows. After the acknowledgement nobody gets a personalised
// answer or an item, and no file knows who was erased.
//
// GRADMATCH_RIGHTS=1000 makes a thousand of each instead of a few.

#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "index/base/clock.h"
#include "index/byte_search.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "index/rocksdb_store.h"
#include "tests/end_to_end/server_fixture.h"
#include "tools/gradmatch/sync_client.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

using google::longrunning::Operation;
using google::longrunning::Operations;
using v1::GraduateService;

constexpr int kPostings = 300;
constexpr int kUntouched = 50;

// Of each kind: opt-outs, placements, erasures.
int Each() {
  const char* wanted = std::getenv("GRADMATCH_RIGHTS");
  return wanted == nullptr ? 60 : std::max(1, std::atoi(wanted));
}

enum class Right { kNone, kOptOut, kPlacement, kErasure };

class RightsUnderLoadTest : public ServerFixture {
 protected:
  void StartFilled() {
    people_ = 3 * Each() + kUntouched;
    ASSERT_NO_FATAL_FAILURE(StartPlain());
    auto sample = SampleGenerator::Create(
        {.postings = kPostings,
         .graduates = people_,
         .seed = 7,
         .base_date = absl::ToCivilDay(absl::Now(), ChinaTime())});
    ASSERT_TRUE(sample.ok()) << sample.status();
    sample_ = *std::move(sample);
    v1::CreateSourceRequest source;
    source.set_source_id("s");
    source.mutable_source()->set_display_name("x");
    v1::Source made;
    ASSERT_TRUE(client_
                    ->Call<v1::SourceService>(
                        &v1::SourceService::Stub::CreateSource, source, made)
                    .ok());
    ASSERT_NO_FATAL_FAILURE(SyncPostingsOnce());
    EXPECT_EQ(SyncPeople(), 0);
    v1::CreatePushPlanRequest plan;
    plan.set_push_plan_id("nightly");
    plan.mutable_push_plan()->set_slots(3);
    plan.mutable_push_plan()->set_include_conditional(true);
    plan.mutable_push_plan()->set_applicants_per_opening(1'000);
    v1::PushPlan stored;
    ASSERT_TRUE(client_
                    ->Call<v1::PushService>(
                        &v1::PushService::Stub::CreatePushPlan, plan, stored)
                    .ok());
    acknowledged_ = std::vector<std::atomic<int>>(people_);
  }

  void StartPlain() {
    auto server = ServerProcess::Start(
        {.program = GRADMATCHD,
         .data_dir = folder_ + "/data",
         .log_file = folder_ + "/log",
         .set = {"storage.plain_tables=true", "storage.write_buffer_mb=8"}});
    ASSERT_TRUE(server.ok()) << server.status() << "\n" << Text("log");
    server_ = *std::move(server);
    options_.endpoint = server_->endpoint();
    options_.timeout_seconds = 60;
    client_ = std::make_unique<Client>(options_);
  }

  void SyncPostingsOnce() {
    v1::SyncBegin begin;
    begin.set_source("sources/s");
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    int i = 0;
    const auto committed = SyncPostings(
        *client_, begin,
        {[&](v1::SyncPostingRow& row) -> absl::StatusOr<bool> {
           if (i == kPostings) return false;
           row.set_row_number(i + 1);
           *row.mutable_upsert() = sample_->Posting(i).posting;
           row.mutable_upsert()->clear_name();
           row.mutable_upsert()->set_source_posting_id(absl::StrCat("p", i++));
           return true;
         },
         [](const v1::SyncRowResult&) {}});
    ASSERT_TRUE(committed.ok()) << committed.status();
  }

  // Long enough to be looked for by itself in files.
  std::string Id(int person) const {
    return absl::StrFormat("canary-of-a-person-%06d", person);
  }
  std::string Name(int person) const {
    return absl::StrCat("graduates/", Id(person));
  }
  Right RightOf(int person) const {
    return person < Each()       ? Right::kOptOut
           : person < 2 * Each() ? Right::kPlacement
           : person < 3 * Each() ? Right::kErasure
                                 : Right::kNone;
  }

  static int LastErased() { return 3 * Each() - 1; }

  // The source's list of everybody, as it repeats it. Gives the rows refused.
  int SyncPeople() {
    const Client client(options_);
    v1::SyncBegin begin;
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    int i = 0;
    int refused = 0;
    const int revision = ++revision_;
    const auto committed = SyncGraduates(
        client, begin,
        {[&](v1::SyncGraduateRow& row) -> absl::StatusOr<bool> {
           if (i == people_) return false;
           row.set_row_number(i + 1);
           v1::Graduate& graduate = *row.mutable_upsert();
           graduate = sample_->Graduate(i);
           // What the source knows nothing of.
           graduate.clear_preferences();
           graduate.clear_lifecycle();
           graduate.set_name(Name(i));
           graduate.set_revision(revision);
           graduate.mutable_profile()->set_text(
               absl::StrCat("本人编号 ", Id(i++), "，第 ", revision, " 次"));
           return true;
         },
         [&](const v1::SyncRowResult& result) {
           if (result.status() != v1::SyncRowResult::STATUS_REJECTED) return;
           ++refused;
           EXPECT_EQ(result.error().reason(), "GRADUATE_ERASED");
         }});
    EXPECT_TRUE(committed.ok()) << committed.status();
    return refused;
  }

  void Exercise(const Client& client, int person) {
    absl::Status status;
    if (RightOf(person) == Right::kOptOut) {
      v1::UpdatePreferencesRequest request;
      v1::Preferences& preferences = *request.mutable_preferences();
      preferences.set_name(Name(person) + "/preferences");
      preferences.set_personalisation(false);
      preferences.set_push(false);
      status = client.Call<GraduateService>(
          &GraduateService::Stub::UpdatePreferences, request, preferences);
    } else if (RightOf(person) == Right::kPlacement) {
      v1::ReportPlacementRequest request;
      request.set_name(Name(person));
      request.mutable_placement()->set_kind(v1::Placement::KIND_EMPLOYED);
      v1::Graduate graduate;
      status = client.Call<GraduateService>(
          &GraduateService::Stub::ReportPlacement, request, graduate);
    } else {
      v1::EraseGraduateRequest request;
      request.set_name(Name(person));
      request.set_purpose("本人申请");
      // The last one has the files purged, also of those before it.
      request.set_purge_now(person == LastErased());
      request.set_request_id(absl::StrCat("erase-", person));
      Operation operation;
      status = client.Call<GraduateService>(
          &GraduateService::Stub::EraseGraduate, request, operation);
      std::lock_guard lock(mu_);
      operations_.push_back(operation.name());
    }
    EXPECT_TRUE(status.ok()) << status;
    acknowledged_[person] = 1;
  }

  // Whether an answer goes against what was acknowledged before it was asked
  // for.
  void Ask(const Client& client, int person) {
    const bool before = acknowledged_[person] != 0;
    v1::MatchPostingsRequest request;
    request.set_graduate(Name(person));
    v1::MatchPostingsResponse response;
    const absl::Status status = client.Call<v1::MatchService>(
        &v1::MatchService::Stub::MatchPostings, request, response);
    ++answers_;
    if (!before) return;
    ++answers_after_;
    const bool personal = status.ok() && !response.trace().non_personalised();
    if (personal) ++personalised_after_;
    if (RightOf(person) != Right::kOptOut && status.ok()) ++served_after_;
  }

  void AskUntil(const std::atomic<bool>& stop, unsigned seed) {
    const Client client(options_);
    std::mt19937 random(seed);
    while (!stop) {
      Ask(client, static_cast<int>(random() % static_cast<unsigned>(people_)));
    }
  }

  void RunOnce(const Client& client, const std::string& run) {
    v1::RunPushPlanRequest request;
    request.set_name("pushPlans/nightly");
    request.set_push_run_id(run);
    Operation operation;
    absl::Status status = client.Call<v1::PushService>(
        &v1::PushService::Stub::RunPushPlan, request, operation);
    while (status.ok() && !operation.done()) {
      google::longrunning::WaitOperationRequest wait;
      wait.set_name(operation.name());
      wait.mutable_timeout()->set_seconds(5);
      status = client.Call<Operations>(&Operations::Stub::WaitOperation, wait,
                                       operation);
    }
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_TRUE(operation.has_response()) << operation.ShortDebugString();
  }

  // An export that begins now: whose right was acknowledged before gets none.
  void ExportOnce(const Client& client, const std::string& run) {
    std::vector<bool> before(people_);
    for (int i = 0; i < people_; ++i) before[i] = acknowledged_[i] != 0;
    const auto stub = v1::PushService::NewStub(client.channel());
    grpc::ClientContext context;
    v1::StreamPushItemsRequest request;
    request.set_parent(absl::StrCat("pushRuns/", run));
    request.set_intent_only(true);
    const auto items = stub->StreamPushItems(&context, request);
    v1::StreamPushItemsResponse response;
    while (items->Read(&response)) {
      for (const v1::PushItem& item : response.push_items()) {
        ++items_;
        const auto it = person_of_.find(item.graduate());
        ASSERT_TRUE(it != person_of_.end()) << item.ShortDebugString();
        if (before[it->second]) ++items_after_;
      }
    }
    EXPECT_TRUE(items->Finish().ok());
  }

  void PushUntil(const std::atomic<bool>& stop) {
    const Client client(options_);
    std::vector<std::string> runs;
    do {
      runs.push_back(absl::StrCat("r", runs.size()));
      RunOnce(client, runs.back());
      for (const std::string& run : runs) ExportOnce(client, run);
    } while (!stop && runs.size() < 50);
    for (const std::string& run : runs) ExportOnce(client, run);
    runs_ = static_cast<int>(runs.size());
  }

  void AwaitErasures() {
    for (const std::string& name : operations_) {
      Operation operation;
      absl::Status status;
      do {
        google::longrunning::WaitOperationRequest wait;
        wait.set_name(name);
        wait.mutable_timeout()->set_seconds(20);
        status = client_->Call<Operations>(&Operations::Stub::WaitOperation,
                                           wait, operation);
      } while (status.ok() && !operation.done());
      ASSERT_TRUE(status.ok()) << status;
      v1::ErasureReceipt receipt;
      ASSERT_TRUE(operation.response().UnpackTo(&receipt))
          << operation.ShortDebugString();
      EXPECT_GT(receipt.files_searched(), 5);
    }
  }

  // Canaries of everybody of [first, last) in the files of the data folder, as
  // bytes; gives whose were found. The tables are plain.
  std::set<size_t> InFiles(int first, int last, int& files) {
    auto pseudonyms = Pseudonymizer::Open(folder_ + "/data");
    EXPECT_TRUE(pseudonyms.ok()) << pseudonyms.status();
    ByteSearch needles;
    for (int i = first; i < last; ++i) {
      needles.Add(Id(i), static_cast<size_t>(i));
      needles.Add(pseudonyms->Of(Id(i)), static_cast<size_t>(i));
    }
    std::set<size_t> found;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_ + "/data")) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::stringstream text;
      text << in.rdbuf();
      needles.Find(text.str(), [&](size_t owner) { found.insert(owner); });
      ++files;
    }
    return found;
  }

  // The stopped server's store, read by key: nothing of the erased.
  void ExpectNoKeys() {
    const SystemClock clock;
    auto store = RocksdbStore::Open(
        {.folder = folder_ + "/data", .clock = &clock, .plain_tables = true});
    ASSERT_TRUE(store.ok()) << store.status();
    auto pseudonyms = Pseudonymizer::Open(folder_ + "/data");
    ASSERT_TRUE(pseudonyms.ok());
    ByteSearch needles;
    for (int i = 2 * Each(); i < 3 * Each(); ++i) {
      needles.Add(Id(i), 0);
      needles.Add(pseudonyms->Of(Id(i)), 0);
    }
    int64_t entries = 0;
    for (int f = 0; f < kFamilyCount; ++f) {
      const auto cursor = (*store)->Scan(static_cast<Family>(f), KeyRange{});
      for (; cursor->Valid(); cursor->Next(), ++entries) {
        EXPECT_FALSE(needles.FoundIn(cursor->key()))
            << FamilyName(static_cast<Family>(f));
        EXPECT_FALSE(needles.FoundIn(cursor->value()))
            << FamilyName(static_cast<Family>(f));
      }
    }
    EXPECT_GT(entries, people_);
  }

  int people_ = 0;
  std::unique_ptr<SampleGenerator> sample_;
  std::map<std::string, int> person_of_;
  std::vector<std::atomic<int>> acknowledged_;
  std::atomic<int> revision_{0};
  std::atomic<int64_t> answers_{0}, answers_after_{0};
  std::atomic<int64_t> personalised_after_{0}, served_after_{0};
  std::atomic<int64_t> items_{0}, items_after_{0};
  int runs_ = 0;
  std::mutex mu_;
  std::vector<std::string> operations_;
};

TEST_F(RightsUnderLoadTest, NothingGoesAgainstWhatWasAcknowledged) {
  ASSERT_NO_FATAL_FAILURE(StartFilled());
  for (int i = 0; i < people_; ++i) person_of_[Name(i)] = i;
  int files = 0;
  ASSERT_EQ(InFiles(2 * Each(), 3 * Each(), files).size(), Each())
      << "else the search shows nothing";

  std::atomic<bool> stop{false};
  std::vector<std::thread> load;
  for (unsigned i = 0; i < 2; ++i) {
    load.emplace_back([&, i] { AskUntil(stop, i); });
  }
  load.emplace_back([&] { PushUntil(stop); });
  load.emplace_back([&] {
    while (!stop) SyncPeople();
  });
  // In an order that mixes the three, from two callers.
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 2; ++caller) {
    callers.emplace_back([&, caller] {
      const Client client(options_);
      for (int i = caller; i < Each(); i += 2) {
        for (int kind = 0; kind < 3; ++kind) {
          const int person = kind * Each() + i;
          if (person == LastErased()) continue;
          Exercise(client, person);
          Ask(client, person);
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  Exercise(*client_, LastErased());
  const absl::Time exercised = absl::Now();
  ASSERT_NO_FATAL_FAILURE(AwaitErasures());
  const absl::Duration purge = absl::Now() - exercised;
  stop = true;
  for (std::thread& thread : load) thread.join();
  EXPECT_EQ(SyncPeople(), Each()) << "the erased are sent again, and refused";

  files = 0;
  const std::set<size_t> left = InFiles(2 * Each(), 3 * Each(), files);
  absl::FPrintF(
      stderr,
      "%d of each right; %d answers, %d of them after the acknowledgement; %d "
      "push runs, %d items exported; %d files searched, purged %.1f s after "
      "the last call\n",
      Each(), answers_.load(), answers_after_.load(), runs_, items_.load(),
      files, absl::ToDoubleSeconds(purge));
  EXPECT_EQ(personalised_after_, 0);
  EXPECT_EQ(served_after_, 0);
  EXPECT_EQ(items_after_, 0);
  EXPECT_GT(answers_after_, 3 * Each());
  EXPECT_GT(items_, 0);
  EXPECT_TRUE(left.empty()) << left.size() << " of " << Each() << ", first "
                            << (left.empty() ? 0 : *left.begin());
  EXPECT_EQ(server_->Stop(), 0) << Text("log");
  EXPECT_TRUE(InFiles(2 * Each(), 3 * Each(), files).empty());
  EXPECT_EQ(InFiles(3 * Each(), people_, files).size(), kUntouched);
  ASSERT_NO_FATAL_FAILURE(ExpectNoKeys());
}

TEST_F(RightsUnderLoadTest, AnErasureThatIsKilledIsCompletedByTheNextStart) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed=", seed));
  std::mt19937 random(seed);
  ASSERT_NO_FATAL_FAILURE(StartFilled());
  RunOnce(*client_, "r0");
  const int last = 3 * Each();
  int killed_at_work = 0;
  for (int person = 2 * Each(); person < std::min(last, 2 * Each() + 12);
       ++person) {
    v1::EraseGraduateRequest request;
    request.set_name(Name(person));
    request.set_purpose("本人申请");
    request.set_purge_now(true);
    Operation operation;
    const absl::Status status = client_->Call<GraduateService>(
        &GraduateService::Stub::EraseGraduate, request, operation);
    ASSERT_TRUE(status.ok()) << status;
    operations_ = {operation.name()};
    // From at once to a little longer than it takes.
    absl::SleepFor(absl::Milliseconds(random() % 120));
    server_->Kill();
    ASSERT_NO_FATAL_FAILURE(StartPlain());
    google::longrunning::GetOperationRequest get;
    get.set_name(operation.name());
    ASSERT_TRUE(
        client_
            ->Call<Operations>(&Operations::Stub::GetOperation, get, operation)
            .ok());
    killed_at_work += !operation.done();
    ASSERT_NO_FATAL_FAILURE(AwaitErasures());
    int files = 0;
    EXPECT_TRUE(InFiles(person, person + 1, files).empty()) << person;
  }
  EXPECT_GT(killed_at_work, 0) << "the kills came too late to prove anything";
}

}  // namespace
}  // namespace gradmatch
