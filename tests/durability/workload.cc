#include "tests/durability/workload.h"

#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "tests/durability/load_thread.h"

namespace gradmatch {

using v1::PushService;
using v1::SourceService;

std::string LoadSourceName(int i) { return absl::StrCat("sources/s", i); }

std::vector<std::string> Workload::SourceNames() {
  std::vector<std::string> names;
  for (int i = 0; i < kLoadSources + 2; ++i) names.push_back(LoadSourceName(i));
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
  request.set_parent(LoadSourceName(kLoadSources + 1));
  *request.mutable_posting() = PostingAt(absl::StrCat("c", serial), 1);
  request.set_request_id(absl::StrCat("request-", serial));
  return request;
}

std::string DescribeAnswer(const v1::Posting& answer) {
  return absl::StrCat(answer.name(), " ", answer.etag(), " ",
                      answer.create_time().ShortDebugString());
}

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
  for (int i = 0; i < kLoadSources; ++i) {
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
