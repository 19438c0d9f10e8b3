#include "tests/durability/workload.h"

#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "gradmatch/v1/feedback_service.grpc.pb.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

using google::longrunning::Operation;
using google::longrunning::Operations;
using v1::FeedbackService;
using v1::GraduateService;
using v1::PostingService;
using v1::PushService;
using v1::SourceService;

constexpr int kSources = 2;
constexpr int kPostings = 120;  // of each source
constexpr int kGraduates = 40;
constexpr int kMostRows = 48;  // sent before the answers are read

std::string SourceName(int i) { return absl::StrCat("sources/s", i); }

}  // namespace

std::vector<std::string> Workload::SourceNames() {
  std::vector<std::string> names;
  for (int i = 0; i < kSources + 2; ++i) names.push_back(SourceName(i));
  return names;
}

v1::Posting PostingAt(const std::string& id, int64_t revision) {
  v1::Posting posting;
  posting.set_source_posting_id(id);
  posting.set_revision(revision);
  posting.set_title(absl::StrCat("软件工程师", revision));
  posting.mutable_employer()->set_name(absl::StrCat("深圳市示例", id));
  v1::Code& region = *posting.add_locations()->mutable_region();
  region.set_system("region");
  region.set_code("440300");
  posting.mutable_education()->set_min_level(v1::EDUCATION_LEVEL_BACHELOR);
  posting.mutable_salary()->set_min_monthly(8'000);
  posting.mutable_salary()->set_max_monthly(8'001 + revision % 1'000);
  posting.set_openings(1 + revision % 50);
  posting.set_description(absl::StrCat("第", revision, "版：负责后端服务的开发",
                                       std::string(revision % 300, 'x')));
  return posting;
}

std::string DescribePosting(const v1::Posting& posting) {
  const v1::Posting want =
      PostingAt(posting.source_posting_id(), posting.revision());
  if (posting.title() != want.title() ||
      posting.openings() != want.openings() ||
      posting.salary().max_monthly() != want.salary().max_monthly() ||
      posting.description() != want.description()) {
    return absl::StrCat("half of revision ", posting.revision(), ": ",
                        posting.ShortDebugString());
  }
  if (posting.state() != v1::Posting::STATE_OPEN) {
    return absl::StrCat("in state ", posting.state());
  }
  return absl::StrCat("r", posting.revision());
}

v1::Graduate GraduateAt(const std::string& id, int64_t revision) {
  v1::Graduate graduate;
  graduate.set_name("graduates/" + id);
  v1::Profile& profile = *graduate.mutable_profile();
  v1::Education& education = *profile.add_educations();
  education.set_level(v1::EDUCATION_LEVEL_BACHELOR);
  v1::Code& major = *education.add_majors();
  major.set_system("undergraduate");
  major.set_code("080902");
  v1::Code& place = *profile.mutable_intent()->add_places();
  place.set_system("region");
  place.set_code("440300");
  profile.add_skills("Java");
  profile.mutable_intent()->set_min_monthly_pay(1'000 + revision % 5'000);
  profile.set_text(absl::StrCat("v", revision));
  return graduate;
}

std::string DescribeProfile(const v1::Graduate& graduate) {
  const std::string& text = graduate.profile().text();
  int64_t revision = 0;
  if (!absl::SimpleAtoi(absl::StripPrefix(text, "v"), &revision) ||
      graduate.profile().intent().min_monthly_pay() !=
          1'000 + revision % 5'000) {
    return "half: " + graduate.ShortDebugString();
  }
  return text;
}

v1::CreatePostingRequest CreateAt(int64_t serial) {
  v1::CreatePostingRequest request;
  request.set_parent(SourceName(kSources + 1));
  *request.mutable_posting() = PostingAt(absl::StrCat("c", serial), 1);
  request.set_request_id(absl::StrCat("request-", serial));
  return request;
}

std::string DescribeAnswer(const v1::Posting& answer) {
  return absl::StrCat(answer.name(), " ", answer.etag(), " ",
                      answer.create_time().ShortDebugString());
}

// One client that goes on until the server is gone.
class LoadThread {
 public:
  LoadThread(Workload& work, Daemon& daemon, int number)
      : work_(work),
        daemon_(daemon),
        oracle_(work.oracle_),
        number_(number),
        random_(work.seed_ * 1'000'003 + work.lives_ * 101 + number) {}

  // A step is one exchange with the server; false ends the thread.
  void SyncPostings();
  bool OnePosting();
  bool RepeatableCreate();
  bool OneGraduate();
  bool OneErasure();
  bool OnePush();

  void Repeat(bool (LoadThread::*step)()) {
    while (!work_.stop_ && (this->*step)()) {
    }
  }

 private:
  // True when it is OK. Another error than that the server is gone is blamed.
  bool Good(const absl::Status& status, const std::string& what) {
    if (status.ok()) return true;
    const bool gone = absl::IsUnavailable(status) ||
                      absl::IsCancelled(status) || absl::IsUnknown(status);
    if (!gone && !work_.errors_expected_) {
      oracle_.Blame(absl::StrCat(what, ": ", status.ToString()));
    }
    return false;
  }
  template <typename Service, typename Method, typename Request,
            typename Response>
  bool Do(Method method, const Request& request, Response& response) {
    return Good(daemon_.Call<Service>(method, request, response),
                Request::descriptor()->name());
  }
  template <typename Service, typename Method, typename Request>
  bool Do(Method method, const Request& request) {
    google::protobuf::Empty empty;
    return Do<Service>(method, request, empty);
  }
  uint32_t Below(uint32_t count) { return random_() % count; }
  int64_t NextRevision() { return ++work_.revision_; }
  int64_t NextSerial() { return ++work_.serial_; }

  bool SendRows(grpc::ClientReaderWriter<v1::SyncPostingsRequest,
                                         v1::SyncPostingsResponse>& stream,
                std::map<int64_t, std::pair<std::string, std::string>>& sent);
  bool SetPush(const std::string& id);
  bool SetPlacement(const std::string& id);
  bool SetFlags(const std::string& id);
  bool AwaitOperation(const std::string& name);
  bool ListItems(const std::string& run, std::vector<v1::PushItem>& items);
  bool Deliver(const std::vector<v1::PushItem>& items);
  bool React(const std::vector<v1::PushItem>& items);

  Workload& work_;
  Daemon& daemon_;
  Oracle& oracle_;
  const int number_;
  std::mt19937 random_;
};

// --- Postings ---

bool LoadThread::SendRows(
    grpc::ClientReaderWriter<v1::SyncPostingsRequest, v1::SyncPostingsResponse>&
        stream,
    std::map<int64_t, std::pair<std::string, std::string>>& sent) {
  const int rows = 1 + Below(kMostRows);
  for (int i = 0; i < rows; ++i) {
    v1::SyncPostingsRequest message;
    v1::SyncPostingRow& row = *message.mutable_row();
    const int64_t revision = NextRevision();
    const std::string id = absl::StrCat("p", Below(kPostings));
    const std::string key =
        absl::StrCat("posting/", SourceName(number_), "/postings/", id);
    std::string state = absl::StrCat("r", revision);
    row.set_row_number(revision);
    if (Below(8) == 0) {
      row.mutable_delete_()->set_source_posting_id(id);
      row.mutable_delete_()->set_revision(revision);
      state = Oracle::kAbsent;
    } else {
      *row.mutable_upsert() = PostingAt(id, revision);
      row.set_raw(absl::StrCat("raw ", revision));
    }
    oracle_.Intend(key, state);
    sent[revision] = {key, state};
    if (!stream.Write(message)) return false;
  }
  return true;
}

void LoadThread::SyncPostings() {
  const auto stub = PostingService::NewStub(daemon_.channel());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(5)));
  const auto stream = stub->SyncPostings(&context);
  v1::SyncPostingsRequest begin;
  begin.mutable_begin()->set_source(SourceName(number_));
  begin.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
  std::map<int64_t, std::pair<std::string, std::string>> sent;
  bool good = stream->Write(begin);
  while (good && !work_.stop_) {
    good = SendRows(*stream, sent);
    v1::SyncPostingsResponse response;
    while (good && !sent.empty() && (good = stream->Read(&response))) {
      for (const v1::SyncRowResult& result : response.results().results()) {
        const auto row = sent.find(result.row_number());
        if (row == sent.end() ||
            result.status() == v1::SyncRowResult::STATUS_REJECTED ||
            result.status() == v1::SyncRowResult::STATUS_QUARANTINED ||
            result.status() == v1::SyncRowResult::STATUS_STALE) {
          oracle_.Blame("row refused: " + result.ShortDebugString());
          continue;
        }
        oracle_.Acknowledge(row->second.first, row->second.second);
        sent.erase(row);
      }
    }
  }
  if (good) stream->WritesDone();
  if (!good) context.TryCancel();
  v1::SyncPostingsResponse rest;
  while (stream->Read(&rest)) {
  }
  Good(Daemon::FromWire(stream->Finish()), "SyncPostings");
}

bool LoadThread::OnePosting() {
  const std::string name =
      absl::StrCat(SourceName(kSources), "/postings/p", Below(kPostings));
  const std::string key = "posting/" + name;
  if (oracle_.Acknowledged(key) != Oracle::kAbsent && Below(4) == 0) {
    v1::DeletePostingRequest request;
    request.set_name(name);
    oracle_.Intend(key, Oracle::kAbsent);
    if (!Do<PostingService>(&PostingService::Stub::DeletePosting, request)) {
      return false;
    }
    oracle_.Acknowledge(key, Oracle::kAbsent);
    return true;
  }
  const int64_t revision = NextRevision();
  v1::UpdatePostingRequest request;
  *request.mutable_posting() =
      PostingAt(name.substr(name.rfind('/') + 1), revision);
  request.mutable_posting()->set_name(name);
  request.mutable_update_mask()->add_paths("*");
  request.mutable_posting()->set_state(v1::Posting::STATE_OPEN);
  request.set_allow_missing(true);
  const std::string state = absl::StrCat("r", revision);
  oracle_.Intend(key, state);
  v1::Posting response;
  if (!Do<PostingService>(&PostingService::Stub::UpdatePosting, request,
                          response)) {
    return false;
  }
  oracle_.Acknowledge(key, state);
  return true;
}

bool LoadThread::RepeatableCreate() {
  const int64_t serial = NextSerial();
  const v1::CreatePostingRequest request = CreateAt(serial);
  const std::string posting =
      absl::StrCat("posting/", request.parent(), "/postings/c", serial);
  oracle_.Intend(posting, "r1");
  // Until it is answered, any answer may come.
  oracle_.Intend(absl::StrCat("created/", serial), kUnanswered);
  v1::Posting response;
  if (!Do<PostingService>(&PostingService::Stub::CreatePosting, request,
                          response)) {
    return false;
  }
  oracle_.Acknowledge(posting, "r1");
  oracle_.Forget(absl::StrCat("created/", serial));
  oracle_.Saw(absl::StrCat("created/", serial), DescribeAnswer(response));
  return true;
}

// --- Graduates ---

bool LoadThread::SetPush(const std::string& id) {
  const std::string key = "push/" + id;
  const bool on = oracle_.Acknowledged(key) == "off";
  v1::UpdatePreferencesRequest request;
  request.mutable_preferences()->set_name("graduates/" + id + "/preferences");
  request.mutable_preferences()->set_push(on);
  oracle_.Intend(key, on ? "on" : "off");
  v1::Preferences response;
  if (!Do<GraduateService>(&GraduateService::Stub::UpdatePreferences, request,
                           response)) {
    return false;
  }
  oracle_.Acknowledge(key, on ? "on" : "off");
  return true;
}

bool LoadThread::SetPlacement(const std::string& id) {
  const std::string key = "placement/" + id;
  v1::Graduate response;
  if (oracle_.Acknowledged(key) != Oracle::kAbsent) {
    v1::RevokePlacementRequest request;
    request.set_name("graduates/" + id);
    request.set_purpose("登记有误");
    oracle_.Intend(key, Oracle::kAbsent);
    if (!Do<GraduateService>(&GraduateService::Stub::RevokePlacement, request,
                             response)) {
      return false;
    }
    oracle_.Acknowledge(key, Oracle::kAbsent);
    return true;
  }
  const std::string registration = absl::StrCat("n", NextSerial());
  v1::ReportPlacementRequest request;
  request.set_name("graduates/" + id);
  request.mutable_placement()->set_kind(v1::Placement::KIND_EMPLOYED);
  request.mutable_placement()->set_registration_id(registration);
  oracle_.Intend(key, registration);
  if (!Do<GraduateService>(&GraduateService::Stub::ReportPlacement, request,
                           response)) {
    return false;
  }
  oracle_.Acknowledge(key, registration);
  return true;
}

// Writes an entry of the audit first.
bool LoadThread::SetFlags(const std::string& id) {
  const std::string purpose = absl::StrCat("困难帮扶", NextSerial());
  v1::UpdateSealedFlagsRequest request;
  request.set_name("graduates/" + id);
  request.set_hardship(Below(2) == 0);
  request.set_purpose(purpose);
  oracle_.Intend("audit/" + purpose, "there");
  if (!Do<GraduateService>(&GraduateService::Stub::UpdateSealedFlags,
                           request)) {
    return false;
  }
  oracle_.Acknowledge("audit/" + purpose, "there");
  return true;
}

bool LoadThread::OneGraduate() {
  const std::string id = absl::StrCat("g-", Below(kGraduates));
  const std::string key = "profile/" + id;
  if (oracle_.Acknowledged(key) != Oracle::kAbsent) {
    switch (Below(8)) {
      case 0:
      case 1:
        return SetPush(id);
      case 2:
        return SetPlacement(id);
      case 3:
        return SetFlags(id);
      default:
        break;
    }
  }
  const int64_t revision = NextRevision();
  v1::UpdateGraduateRequest request;
  *request.mutable_graduate() = GraduateAt(id, revision);
  request.mutable_update_mask()->add_paths("profile");
  request.set_allow_missing(true);
  const std::string state = absl::StrCat("v", revision);
  oracle_.Intend(key, state);
  v1::Graduate response;
  if (!Do<GraduateService>(&GraduateService::Stub::UpdateGraduate, request,
                           response)) {
    return false;
  }
  oracle_.Acknowledge(key, state);
  return true;
}

bool LoadThread::AwaitOperation(const std::string& name) {
  google::longrunning::WaitOperationRequest request;
  request.set_name(name);
  request.mutable_timeout()->set_seconds(2);
  Operation operation;
  do {
    if (work_.stop_ ||
        !Do<Operations>(&Operations::Stub::WaitOperation, request, operation)) {
      return false;
    }
  } while (!operation.done());
  if (operation.has_error() && !work_.errors_expected_) {
    oracle_.Blame(name + " failed: " + operation.error().message());
  }
  return true;
}

// Somebody comes and is erased at once; every eighth with a proof.
bool LoadThread::OneErasure() {
  const std::string id = absl::StrCat("erased-graduate-", NextSerial());
  v1::UpdateGraduateRequest request;
  *request.mutable_graduate() = GraduateAt(id, 1);
  request.mutable_update_mask()->add_paths("profile");
  request.set_allow_missing(true);
  oracle_.Intend("profile/" + id, "v1");
  v1::Graduate response;
  if (!Do<GraduateService>(&GraduateService::Stub::UpdateGraduate, request,
                           response)) {
    return false;
  }
  oracle_.Acknowledge("profile/" + id, "v1");
  const bool purge = Below(8) == 0;
  v1::EraseGraduateRequest erase;
  erase.set_name("graduates/" + id);
  erase.set_purpose("本人申请");
  erase.set_purge_now(purge);
  oracle_.Intend("profile/" + id, Oracle::kAbsent);
  oracle_.Intend("erased/" + id, "erased");
  Operation operation;
  if (!Do<GraduateService>(&GraduateService::Stub::EraseGraduate, erase,
                           operation)) {
    return false;
  }
  oracle_.Acknowledge("profile/" + id, Oracle::kAbsent);
  oracle_.Acknowledge("erased/" + id, "erased");
  if (!purge) return true;
  if (!AwaitOperation(operation.name())) return false;
  oracle_.Saw("purged/" + id, "purged");
  return true;
}

// --- Push ---

bool LoadThread::ListItems(const std::string& run,
                           std::vector<v1::PushItem>& items) {
  v1::ListPushItemsRequest request;
  request.set_parent("pushRuns/" + run);
  request.set_page_size(1'000);
  do {
    v1::ListPushItemsResponse response;
    if (!Do<PushService>(&PushService::Stub::ListPushItems, request,
                         response)) {
      return false;
    }
    for (const v1::PushItem& item : response.push_items()) {
      if (item.state() == v1::PushItem::STATE_SUPPRESSED) continue;
      // Whoever is erased takes them along.
      if (item.graduate().find("erased") != std::string::npos) continue;
      oracle_.Saw("item/" + item.name(),
                  absl::StrCat(item.push_id(), " ", item.graduate(), " ",
                               item.posting()));
      items.push_back(item);
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return true;
}

bool LoadThread::Deliver(const std::vector<v1::PushItem>& items) {
  v1::ReportDeliveriesRequest request;
  for (const v1::PushItem& item : items) {
    if (Below(2) == 0) continue;
    v1::Delivery& delivery = *request.add_deliveries();
    delivery.set_push_item(item.name());
    delivery.set_push_id(item.push_id());
    delivery.set_code(v1::Delivery::CODE_SENT);
    oracle_.Intend("delivery/" + item.name() + " " + item.push_id(), "sent");
  }
  if (request.deliveries().empty()) return true;
  v1::ReportDeliveriesResponse response;
  if (!Do<FeedbackService>(&FeedbackService::Stub::ReportDeliveries, request,
                           response)) {
    return false;
  }
  for (const v1::Delivery& delivery : request.deliveries()) {
    oracle_.Acknowledge(
        "delivery/" + delivery.push_item() + " " + delivery.push_id(), "sent");
  }
  return true;
}

bool LoadThread::React(const std::vector<v1::PushItem>& items) {
  v1::ReportEventsRequest request;
  std::vector<std::string> keys;
  for (const v1::PushItem& item : items) {
    if (Below(4) != 0) continue;
    v1::FeedbackEvent& event = *request.add_events();
    event.set_attribution_token(item.push_id());
    event.set_type(v1::FEEDBACK_TYPE_CLICK);
    event.set_graduate(item.graduate());
    event.set_posting(item.posting());
    event.set_event_id(absl::StrCat("event-", NextSerial()));
    *event.mutable_event_time() = item.create_time();
    // All that is needed to send it again.
    keys.push_back("event/" + event.ShortDebugString());
    oracle_.Intend(keys.back(), "recorded");
  }
  if (keys.empty()) return true;
  v1::ReportEventsResponse response;
  if (!Do<FeedbackService>(&FeedbackService::Stub::ReportEvents, request,
                           response)) {
    return false;
  }
  for (int i = 0; i < response.results_size(); ++i) {
    if (response.results(i).status() ==
        v1::ReportEventsResponse::Result::STATUS_REJECTED) {
      oracle_.Blame("event refused: " + response.results(i).ShortDebugString());
    } else {
      oracle_.Acknowledge(keys[i], "recorded");
    }
  }
  return true;
}

bool LoadThread::OnePush() {
  const std::string run = absl::StrCat("run-", NextSerial());
  v1::RunPushPlanRequest request;
  request.set_name("pushPlans/plan");
  request.set_push_run_id(run);
  oracle_.Intend("run/" + run, "there");
  Operation operation;
  if (!Do<PushService>(&PushService::Stub::RunPushPlan, request, operation)) {
    return false;
  }
  oracle_.Acknowledge("run/" + run, "there");
  std::vector<v1::PushItem> items;
  if (!AwaitOperation(operation.name()) || !ListItems(run, items)) {
    return false;
  }
  if (!Deliver(items) || !React(items)) return false;
  // Others are to have something of the disk too.
  absl::SleepFor(absl::Milliseconds(Below(60)));
  return true;
}

// --- The whole ---

bool Workload::Prepare(Daemon& daemon) {
  if (prepared_) return true;
  const auto made = [this](const std::string& key, const absl::Status& status) {
    if (!status.ok() && !absl::IsAlreadyExists(status)) return false;
    oracle_.Acknowledge(key, "there");
    return true;
  };
  for (const std::string& name : SourceNames()) {
    v1::CreateSourceRequest request;
    request.set_source_id(name.substr(std::string("sources/").size()));
    request.mutable_source()->set_display_name("来源");
    v1::Source response;
    oracle_.Intend("source/" + name, "there");
    if (!made("source/" + name,
              daemon.Call<SourceService>(&SourceService::Stub::CreateSource,
                                         request, response))) {
      return false;
    }
  }
  v1::CreatePushPlanRequest request;
  request.set_push_plan_id("plan");
  request.mutable_push_plan()->set_slots(2);
  request.mutable_push_plan()->set_include_conditional(true);
  request.mutable_push_plan()->set_applicants_per_opening(1'000);
  v1::PushPlan response;
  oracle_.Intend("plan/pushPlans/plan", "there");
  prepared_ = made("plan/pushPlans/plan",
                   daemon.Call<PushService>(&PushService::Stub::CreatePushPlan,
                                            request, response));
  return prepared_;
}

void Workload::Run(Daemon& daemon, absl::Duration longest, bool expected) {
  ++lives_;
  errors_expected_ = expected;
  stop_ = false;
  std::vector<std::thread> threads;
  const auto start = [&](auto work) {
    threads.emplace_back([this, &daemon, work, number = threads.size()] {
      LoadThread thread(*this, daemon, static_cast<int>(number));
      work(thread);
    });
  };
  for (int i = 0; i < kSources; ++i) {
    start([](LoadThread& thread) { thread.SyncPostings(); });
  }
  for (const auto step :
       {&LoadThread::OnePosting, &LoadThread::RepeatableCreate,
        &LoadThread::OneGraduate, &LoadThread::OneErasure,
        &LoadThread::OnePush}) {
    start([step](LoadThread& thread) { thread.Repeat(step); });
  }
  const absl::Time until = absl::Now() + longest;
  while (!daemon.dead() && absl::Now() < until) {
    absl::SleepFor(absl::Milliseconds(2));
  }
  stop_ = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace gradmatch
