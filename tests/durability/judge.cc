// What a restarted server says, against what the oracle knows.

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gradmatch/v1/admin_service.grpc.pb.h"
#include "gradmatch/v1/feedback_service.grpc.pb.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/byte_search.h"
#include "index/pseudonym.h"
#include "index/vault/audit_chain.h"
#include "tests/durability/workload.h"

namespace gradmatch {
namespace {

using v1::AdminService;
using v1::FeedbackService;
using v1::GraduateService;
using v1::PostingService;
using v1::PushService;
using v1::SourceService;

using States = std::map<std::string, std::string>;
constexpr int kMostInOneCall = 500;
// Of those who were erased, that many of the last are tried again each time.
constexpr size_t kMostErased = 40;

// One comparison. Every step is false when the daemon died meanwhile.
class Judgement {
 public:
  Judgement(Oracle& oracle, Daemon& daemon, const SimulatedDisk& disk)
      : oracle_(oracle), daemon_(daemon), disk_(disk) {}

  bool Run() {
    return SourcesAndPlans() && Postings() && Graduates() && Erased() &&
           Runs() && Items() && Deliveries() && Events() && Answers() &&
           Audit() && Files();
  }

 private:
  bool Good(const absl::Status& status, const std::string& what) {
    if (status.ok()) return true;
    // It may have died between its answer and our look.
    for (int i = 0; i < 50 && !daemon_.dead(); ++i) {
      absl::SleepFor(absl::Milliseconds(2));
    }
    if (!daemon_.dead()) {
      oracle_.Blame(absl::StrCat(what, ": ", status.ToString()));
    }
    return false;
  }
  template <typename Service, typename Method, typename Request,
            typename Response>
  bool Do(Method method, const Request& request, Response& response) {
    return Good(daemon_.Call<Service>(method, request, response),
                absl::StrCat("judging by ", Request::descriptor()->name()));
  }

  bool SourcesAndPlans();
  bool Postings();
  bool Graduates();
  bool Erased();
  bool Runs();
  bool Items();
  bool Deliveries();
  bool Events();
  bool Answers();
  bool Audit();
  bool Files();

  Oracle& oracle_;
  Daemon& daemon_;
  const SimulatedDisk& disk_;
  std::vector<std::string> sources_;
  std::vector<std::string> runs_;
};

bool Judgement::SourcesAndPlans() {
  v1::ListSourcesResponse sources;
  v1::ListPushPlansResponse plans;
  if (!Do<SourceService>(&SourceService::Stub::ListSources,
                         v1::ListSourcesRequest(), sources) ||
      !Do<PushService>(&PushService::Stub::ListPushPlans,
                       v1::ListPushPlansRequest(), plans)) {
    return false;
  }
  States states;
  for (const v1::Source& source : sources.sources()) {
    sources_.push_back(source.name());
    states["source/" + source.name()] = "there";
  }
  oracle_.Judge("source/", states);
  states.clear();
  for (const v1::PushPlan& plan : plans.push_plans()) {
    states["plan/" + plan.name()] = "there";
  }
  oracle_.Judge("plan/", states);
  return true;
}

bool Judgement::Postings() {
  States states;
  for (const std::string& source : sources_) {
    v1::ListPostingsRequest request;
    request.set_parent(source);
    request.set_page_size(1'000);
    request.set_view(v1::POSTING_VIEW_FULL);
    do {
      v1::ListPostingsResponse response;
      if (!Do<PostingService>(&PostingService::Stub::ListPostings, request,
                              response)) {
        return false;
      }
      for (const v1::Posting& posting : response.postings()) {
        states["posting/" + posting.name()] = DescribePosting(posting);
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
  }
  v1::ServerInfo info;
  if (!Do<AdminService>(&AdminService::Stub::GetServerInfo,
                        v1::GetServerInfoRequest(), info)) {
    return false;
  }
  oracle_.Judge("posting/", states);
  if (info.searchable_postings() != static_cast<int64_t>(states.size())) {
    oracle_.Blame(absl::StrCat(states.size(), " postings are there, ",
                               info.searchable_postings(), " can be found"));
  }
  return true;
}

bool Judgement::Graduates() {
  States profiles, pushes, placements;
  v1::ListGraduatesRequest request;
  request.set_page_size(1'000);
  do {
    v1::ListGraduatesResponse response;
    if (!Do<GraduateService>(&GraduateService::Stub::ListGraduates, request,
                             response)) {
      return false;
    }
    for (const v1::Graduate& graduate : response.graduates()) {
      const std::string id =
          graduate.name().substr(std::string("graduates/").size());
      profiles["profile/" + id] = DescribeProfile(graduate);
      if (graduate.preferences().has_push()) {
        pushes["push/" + id] = graduate.preferences().push() ? "on" : "off";
      }
      if (!graduate.placement().registration_id().empty()) {
        placements["placement/" + id] = graduate.placement().registration_id();
      }
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  oracle_.Judge("profile/", profiles);
  oracle_.Judge("push/", pushes);
  oracle_.Judge("placement/", placements);
  return true;
}

// Who was erased stays refused.
bool Judgement::Erased() {
  std::vector<std::string> keys = oracle_.Keys("erased/");
  if (keys.size() > kMostErased) {
    keys.erase(keys.begin(), keys.end() - kMostErased);
  }
  for (const std::string& key : keys) {
    if (oracle_.Acknowledged(key) != "erased") continue;
    const std::string id = key.substr(std::string("erased/").size());
    v1::UpdateGraduateRequest request;
    *request.mutable_graduate() = GraduateAt(id, 2);
    request.mutable_update_mask()->add_paths("profile");
    request.set_allow_missing(true);
    v1::Graduate response;
    const absl::Status status = daemon_.Call<GraduateService>(
        &GraduateService::Stub::UpdateGraduate, request, response);
    if (ReasonOf(status) == kGraduateErased) continue;
    if (status.ok()) {
      oracle_.Blame(key + " came back");
    } else if (!Good(status, "trying an erased graduate")) {
      return false;
    }
  }
  return true;
}

bool Judgement::Runs() {
  v1::ListPushRunsRequest request;
  request.set_page_size(1'000);
  States states;
  do {
    v1::ListPushRunsResponse response;
    if (!Do<PushService>(&PushService::Stub::ListPushRuns, request, response)) {
      return false;
    }
    for (const v1::PushRun& run : response.push_runs()) {
      runs_.push_back(run.name());
      states["run/" + run.name().substr(std::string("pushRuns/").size())] =
          "there";
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  oracle_.Judge("run/", states);
  return true;
}

// Items that somebody has seen are there with the same push_id, and nobody is
// told the same twice.
bool Judgement::Items() {
  States items;
  std::map<std::string, std::string> told;  // graduate and posting: the item
  for (const std::string& run : runs_) {
    v1::ListPushItemsRequest request;
    request.set_parent(run);
    request.set_page_size(1'000);
    do {
      v1::ListPushItemsResponse response;
      if (!Do<PushService>(&PushService::Stub::ListPushItems, request,
                           response)) {
        return false;
      }
      for (const v1::PushItem& item : response.push_items()) {
        items["item/" + item.name()] = absl::StrCat(
            item.push_id(), " ", item.graduate(), " ", item.posting());
        if (item.state() == v1::PushItem::STATE_SUPPRESSED) continue;
        const auto [other, fresh] =
            told.emplace(item.graduate() + " " + item.posting(), item.name());
        if (!fresh) {
          oracle_.Blame(absl::StrCat(other->first, " is told twice, by ",
                                     other->second, " and ", item.name()));
        }
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
  }
  for (const std::string& key : oracle_.Keys("item/")) {
    const auto item = items.find(key);
    oracle_.JudgeOne(key, item == items.end() ? Oracle::kAbsent : item->second);
  }
  return true;
}

// Reporting again what is known changes nothing, and says so.
bool Judgement::Deliveries() {
  const std::vector<std::string> keys = oracle_.Keys("delivery/");
  for (size_t begin = 0; begin < keys.size(); begin += kMostInOneCall) {
    const size_t end = std::min(keys.size(), begin + kMostInOneCall);
    v1::ReportDeliveriesRequest request;
    for (size_t i = begin; i < end; ++i) {
      const size_t space = keys[i].find(' ');
      const size_t name = std::string("delivery/").size();
      v1::Delivery& delivery = *request.add_deliveries();
      delivery.set_push_item(keys[i].substr(name, space - name));
      delivery.set_push_id(keys[i].substr(space + 1));
      delivery.set_code(v1::Delivery::CODE_SENT);
    }
    v1::ReportDeliveriesResponse response;
    if (!Do<FeedbackService>(&FeedbackService::Stub::ReportDeliveries, request,
                             response)) {
      return false;
    }
    using Result = v1::ReportDeliveriesResponse::Result;
    for (int i = 0; i < response.results_size(); ++i) {
      const std::string& key = keys[begin + i];
      const Result::Status status = response.results(i).status();
      oracle_.JudgeOne(key, status == Result::STATUS_UNCHANGED ? "sent"
                            : status == Result::STATUS_RECORDED
                                ? Oracle::kAbsent
                                : Result::Status_Name(status));
      // It is there now, in any case.
      oracle_.Forget(key);
      oracle_.Saw(key, "sent");
    }
  }
  return true;
}

bool Judgement::Events() {
  const std::vector<std::string> keys = oracle_.Keys("event/");
  for (size_t begin = 0; begin < keys.size(); begin += kMostInOneCall) {
    const size_t end = std::min(keys.size(), begin + kMostInOneCall);
    v1::ReportEventsRequest request;
    for (size_t i = begin; i < end; ++i) {
      google::protobuf::TextFormat::ParseFromString(
          keys[i].substr(std::string("event/").size()), request.add_events());
    }
    v1::ReportEventsResponse response;
    if (!Do<FeedbackService>(&FeedbackService::Stub::ReportEvents, request,
                             response)) {
      return false;
    }
    using Result = v1::ReportEventsResponse::Result;
    for (int i = 0; i < response.results_size(); ++i) {
      const std::string& key = keys[begin + i];
      const Result::Status status = response.results(i).status();
      oracle_.JudgeOne(key, status == Result::STATUS_UNCHANGED ? "recorded"
                            : status == Result::STATUS_RECORDED
                                ? Oracle::kAbsent
                                : Result::Status_Name(status));
      oracle_.Forget(key);
      oracle_.Saw(key, "recorded");
    }
  }
  return true;
}

// A repeated call gives the first answer; one whose answer nobody heard is done
// once, whether it was before or not.
bool Judgement::Answers() {
  for (const std::string& key : oracle_.Keys("created/")) {
    int64_t serial = 0;
    if (!absl::SimpleAtoi(key.substr(std::string("created/").size()),
                          &serial)) {
      continue;
    }
    const v1::CreatePostingRequest request = CreateAt(serial);
    const bool unanswered = oracle_.Acknowledged(key) == Oracle::kAbsent;
    const std::string posting =
        absl::StrCat("posting/", request.parent(), "/postings/",
                     request.posting().source_posting_id());
    // The daemon may die over this one, too.
    if (unanswered) oracle_.Intend(posting, "r1");
    v1::Posting response;
    if (!Do<PostingService>(&PostingService::Stub::CreatePosting, request,
                            response)) {
      return false;
    }
    const std::string answer = DescribeAnswer(response);
    if (unanswered) {
      oracle_.Acknowledge(posting, "r1");
      oracle_.Forget(key);
      oracle_.Saw(key, answer);
    } else {
      oracle_.JudgeOne(key, answer);
    }
  }
  return true;
}

bool Judgement::Audit() {
  std::vector<v1::AuditEntry> entries;  // newest first
  v1::ListAuditEntriesRequest request;
  request.set_page_size(1'000);
  do {
    v1::ListAuditEntriesResponse response;
    if (!Do<AdminService>(&AdminService::Stub::ListAuditEntries, request,
                          response)) {
      return false;
    }
    entries.insert(entries.end(), response.audit_entries().begin(),
                   response.audit_entries().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  AuditChecker checker;
  States states;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    checker.Add(*entry);
    if (entry->purpose().starts_with("困难帮扶")) {
      states["audit/" + entry->purpose()] = "there";
    }
  }
  checker.Finish();
  if (checker.broken() != AuditBreak::kNone) {
    oracle_.Blame(absl::StrCat("the audit is broken at ",
                               checker.break_sequence(), ": ",
                               std::string(AuditBreakText(checker.broken()))));
  }
  oracle_.Judge("audit/", states);
  return true;
}

// Of whom a proof of erasure was given, no file holds anything.
bool Judgement::Files() {
  const std::vector<std::string> keys = oracle_.Keys("purged/");
  const auto secret = Pseudonymizer::Open(Daemon::DataFolder(disk_));
  if (!secret.ok()) {
    oracle_.Blame(secret.status().ToString());
    return true;
  }
  ByteSearch needles;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string id = keys[i].substr(std::string("purged/").size());
    needles.Add("graduates/" + id, i);
    needles.Add(secret->Of(id), i);
  }
  if (needles.empty()) return true;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(disk_.root())) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    needles.Find(bytes.str(), [&](size_t owner) {
      oracle_.Blame(keys[owner] + " is in " + entry.path().string());
    });
  }
  return true;
}

}  // namespace

bool Workload::Judge(Daemon& daemon, const SimulatedDisk& disk) {
  return Judgement(oracle_, daemon, disk).Run();
}

}  // namespace gradmatch
