#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "index/base/clock.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"
#include "tools/gradmatch/push_wait.h"

namespace gradmatch {
namespace {

using v1::PushService;

struct Arguments {
  std::string plan;
  std::string run;
  std::string file;
  std::string graduate;
  int64_t slots = 0;
  int64_t floor = 0;
  int64_t applicants = 0;
  int64_t candidates = 0;
  // Below it a posting fits so little that silence is better.
  double min_score = 0.2;
  std::string schedule;
  std::string ready_by;
  int64_t catch_up = 0;
  bool conditional = false;
  bool wait = false;
  bool intent_only = false;
  int64_t limit = 50;
  std::string cursor;
};

std::string TimeText(bool set, const google::protobuf::Timestamp& time) {
  if (!set) return "";
  return absl::FormatTime("%Y-%m-%d %H:%M",
                          absl::FromUnixSeconds(time.seconds()), ChinaTime());
}

// What became of the last due time: 2026-03-02 02:00 READY.
std::string LastText(const v1::PushSchedule& schedule) {
  if (!schedule.has_last_time()) return "";
  return absl::StrCat(
      TimeText(true, schedule.last_time()), " ",
      v1::PushSchedule::Outcome_Name(schedule.last_outcome()).substr(8),
      schedule.late() ? "（晚于要求）" : "");
}

void PrintSchedule(const v1::PushPlan& plan) {
  if (!plan.has_schedule()) return;
  const v1::PushSchedule& schedule = plan.schedule();
  std::cout << "定时 " << schedule.cron()
            << (schedule.paused() ? "（已暂停）" : "") << "（北京时间）\n";
  if (schedule.has_next_time()) {
    std::cout << "下次 " << TimeText(true, schedule.next_time()) << "\n";
  }
  if (!schedule.has_last_time()) return;
  std::cout << "上次 " << LastText(schedule) << " " << schedule.last_run()
            << "\n";
  if (schedule.has_last_deadline()) {
    std::cout << "应在 " << TimeText(true, schedule.last_deadline())
              << " 前就绪\n";
  }
  if (!schedule.waits_for().empty()) {
    std::cout << "未能启动：" << schedule.waits_for() << "\n";
  }
}

int PlanApply(const GlobalOptions& options, const Arguments& arguments) {
  v1::UpdatePushPlanRequest request;
  v1::PushPlan& plan = *request.mutable_push_plan();
  if (!arguments.file.empty()) {
    const auto json = ReadTextFile(arguments.file);
    const absl::Status read =
        json.ok() ? ParseJson(*json, arguments.file, plan) : json.status();
    if (!read.ok()) return Fail(read);
  } else {
    plan.set_slots(static_cast<int32_t>(arguments.slots));
    plan.set_priority_floor(static_cast<int32_t>(arguments.floor));
    plan.set_applicants_per_opening(static_cast<int32_t>(arguments.applicants));
    plan.set_candidates(static_cast<int32_t>(arguments.candidates));
    plan.set_min_score(arguments.min_score);
    plan.set_include_conditional(arguments.conditional);
    if (!arguments.schedule.empty() || !arguments.ready_by.empty()) {
      v1::PushSchedule& schedule = *plan.mutable_schedule();
      schedule.set_cron(arguments.schedule);
      schedule.set_ready_by(arguments.ready_by);
      schedule.set_catch_up_minutes(static_cast<int32_t>(arguments.catch_up));
    }
  }
  plan.set_name(FullName("pushPlans", arguments.plan));
  request.mutable_update_mask()->add_paths("*");
  request.set_allow_missing(true);
  request.set_request_id(NewRequestId());
  v1::PushPlan stored;
  const absl::Status status = Client(options).Call<PushService>(
      &PushService::Stub::UpdatePushPlan, request, stored);
  if (!status.ok()) return Fail(status);
  if (!options.quiet) PrintJson(stored, options.output != "jsonl");
  return kExitOk;
}

int PlanShow(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetPushPlanRequest request;
  request.set_name(FullName("pushPlans", arguments.plan));
  v1::PushPlan plan;
  const absl::Status status = Client(options).Call<PushService>(
      &PushService::Stub::GetPushPlan, request, plan);
  if (!status.ok()) return Fail(status);
  PrintJson(plan, options.output != "jsonl");
  if (options.output == "table") PrintSchedule(plan);
  return kExitOk;
}

// Holds a plan's schedule, or lets it go on.
int PlanPause(const GlobalOptions& options, const Arguments& arguments,
              bool paused) {
  const Client client(options);
  v1::GetPushPlanRequest get;
  get.set_name(FullName("pushPlans", arguments.plan));
  v1::UpdatePushPlanRequest request;
  absl::Status status = client.Call<PushService>(
      &PushService::Stub::GetPushPlan, get, *request.mutable_push_plan());
  if (!status.ok()) return Fail(status);
  if (!request.push_plan().has_schedule()) {
    return Fail(absl::FailedPreconditionError(
        absl::StrCat("计划 ", arguments.plan,
                     " 没有定时；先用 gradmatch push plan apply --schedule "
                     "设置")));
  }
  request.mutable_push_plan()->mutable_schedule()->set_paused(paused);
  request.mutable_update_mask()->add_paths("schedule");
  request.set_request_id(NewRequestId());
  v1::PushPlan stored;
  status = client.Call<PushService>(&PushService::Stub::UpdatePushPlan, request,
                                    stored);
  if (!status.ok()) return Fail(status);
  if (!options.quiet) PrintSchedule(stored);
  return kExitOk;
}

int PlanList(const GlobalOptions& options, const Arguments& arguments) {
  return PrintList<PushService>(
      options, v1::ListPushPlansRequest(), arguments.limit,
      &PushService::Stub::ListPushPlans,
      [](const v1::ListPushPlansResponse& r) { return r.push_plans(); },
      Table({"plan", "每人名额", "每岗人数", "定时", "下次", "上次"})
          .Right({1, 2}),
      [](Table& table, const v1::PushPlan& plan) {
        table.Add({plan.name(), std::to_string(plan.slots()),
                   std::to_string(plan.applicants_per_opening()),
                   plan.schedule().cron(),
                   TimeText(plan.schedule().has_next_time(),
                            plan.schedule().next_time()),
                   LastText(plan.schedule())});
      });
}

int Run(const GlobalOptions& options, const Arguments& arguments) {
  v1::RunPushPlanRequest request;
  request.set_name(FullName("pushPlans", arguments.plan));
  request.set_push_run_id(arguments.run);
  request.set_request_id(NewRequestId());
  google::longrunning::Operation operation;
  const Client client(options);
  const absl::Status status = client.Call<PushService>(
      &PushService::Stub::RunPushPlan, request, operation);
  if (!status.ok()) return Fail(status);
  if (arguments.wait) return WaitForRun(client, operation);
  if (options.output != "table") {
    PrintJson(operation, options.output == "json");
  } else if (!options.quiet) {
    std::cout << operation.name() << "\n看进度：gradmatch push show "
              << arguments.run << "\n";
  }
  return kExitOk;
}

int Show(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetPushRunRequest request;
  request.set_name(FullName("pushRuns", arguments.run));
  v1::PushRun run;
  const absl::Status status = Client(options).Call<PushService>(
      &PushService::Stub::GetPushRun, request, run);
  if (!status.ok()) return Fail(status);
  ShowRun(options, run);
  return kExitOk;
}

int Ps(const GlobalOptions& options, const Arguments& arguments) {
  return PrintList<PushService>(
      options, v1::ListPushRunsRequest(), arguments.limit,
      &PushService::Stub::ListPushRuns,
      [](const v1::ListPushRunsResponse& r) { return r.push_runs(); },
      Table({"run", "plan", "状态", "毕业生", "覆盖", "条目"}).Right({3, 4, 5}),
      [](Table& table, const v1::PushRun& run) {
        table.Add({run.name(), run.push_plan(),
                   v1::PushRun::State_Name(run.state()).substr(6),
                   Grouped(run.counts().graduates_selected()),
                   Grouped(run.counts().graduates_covered()),
                   Grouped(run.counts().items())});
      });
}

int Cancel(const GlobalOptions& options, const Arguments& arguments) {
  v1::CancelPushRunRequest request;
  request.set_name(FullName("pushRuns", arguments.run));
  request.set_request_id(NewRequestId());
  v1::PushRun run;
  const absl::Status status = Client(options).Call<PushService>(
      &PushService::Stub::CancelPushRun, request, run);
  if (!status.ok()) return Fail(status);
  if (!options.quiet) ShowRun(options, run);
  return kExitOk;
}

int Items(const GlobalOptions& options, const Arguments& arguments) {
  v1::ListPushItemsRequest request;
  request.set_parent(FullName("pushRuns", arguments.run));
  if (!arguments.graduate.empty()) {
    request.set_graduate(FullName("graduates", arguments.graduate));
  }
  return PrintList<PushService>(
      options, request, arguments.limit, &PushService::Stub::ListPushItems,
      [](const v1::ListPushItemsResponse& r) { return r.push_items(); },
      Table({"graduate", "#", "岗位", "得分", "状态", "理由"}).Right({1, 3}),
      [](Table& table, const v1::PushItem& item) {
        std::string why;
        for (const v1::Reason& reason : item.reasons()) {
          absl::StrAppend(&why, why.empty() ? "" : "；", reason.text_zh());
        }
        table.Add({item.graduate(), std::to_string(item.rank()),
                   item.short_title(), absl::StrFormat("%.2f", item.score()),
                   v1::PushItem::State_Name(item.state()).substr(6),
                   CutToWidth(why, 70)});
      });
}

// Every item as a JSON line; the cursor to go on from is said at the end.
int Export(const GlobalOptions& options, const Arguments& arguments) {
  const Client client(options);
  const auto stub = PushService::NewStub(client.channel());
  grpc::ClientContext context;
  v1::StreamPushItemsRequest request;
  request.set_parent(FullName("pushRuns", arguments.run));
  request.set_cursor(arguments.cursor);
  request.set_intent_only(arguments.intent_only);
  const auto stream = stub->StreamPushItems(&context, request);
  std::string cursor = arguments.cursor;
  int64_t items = 0;
  for (v1::StreamPushItemsResponse response; stream->Read(&response);) {
    for (const v1::PushItem& item : response.push_items()) {
      PrintJson(item, false);
      ++items;
    }
    cursor = response.cursor();
  }
  const absl::Status status = FromGrpcStatus(stream->Finish());
  if (!options.quiet) {
    std::cerr << Grouped(items) << " 条；续传游标：" << cursor << "\n";
  }
  return status.ok() ? kExitOk : Fail(status);
}

}  // namespace

void AddPushCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("push", "Push plans, runs and their items");
  line.Describe("push plan", "Plans: how a run chooses");
  auto a = std::make_shared<Arguments>();
  line.Add("push plan apply", "Creates a plan, or replaces it",
           [&options, a] { return PlanApply(options, *a); })
      .Positional("plan", &a->plan, "Id, such as nightly")
      .Option("--file", &a->file, "A PushPlan in JSON, instead of the options")
      .Option("--slots", &a->slots, "Most items a graduate gets; 0: 5")
      .Range(0, kMostInt32)
      .Option("--floor", &a->floor,
              "Least items for a priority graduate; 0: none")
      .Range(0, kMostInt32)
      .Option("--applicants-per-opening", &a->applicants,
              "Graduates told per opening; 0: 30")
      .Range(0, kMostInt32)
      .Option("--candidates", &a->candidates,
              "Postings looked at for a graduate; 0: 100")
      .Range(0, kMostInt32)
      .Option("--min-score", &a->min_score, "Least score of an item, 0 to 1")
      .Flag("--include-conditional", &a->conditional,
            "Also postings with open conditions, marked as such")
      .Option("--schedule", &a->schedule,
              "When it runs by itself, as cron says it, in China's time: "
              "'0 2 * * *'; none: when it is told to")
      .Option("--ready-by", &a->ready_by,
              "HH:MM in China when a run is to be READY; later is late")
      .Option("--catch-up", &a->catch_up,
              "Minutes a run may begin later than its time; 0: 180")
      .Range(0, kMostInt32);
  line.Add("push plan pause", "Holds a plan's schedule",
           [&options, a] { return PlanPause(options, *a, true); })
      .Positional("plan", &a->plan, "Id or name");
  line.Add("push plan resume", "Lets a plan's schedule go on",
           [&options, a] { return PlanPause(options, *a, false); })
      .Positional("plan", &a->plan, "Id or name");
  line.Add("push plan show", "Shows one plan",
           [&options, a] { return PlanShow(options, *a); })
      .Positional("plan", &a->plan, "Id or name");
  line.Add("push plan list", "Lists plans",
           [&options, a] { return PlanList(options, *a); })
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("push run", "Runs a plan over all graduates",
           [&options, a] { return Run(options, *a); })
      .Positional("plan", &a->plan, "Id or name")
      .Option("--id", &a->run, "Id of the run; the same id is the same run")
      .Required()
      .Flag("--wait", &a->wait, "Shows progress until it is ready");
  line.Add("push ps", "Lists runs", [&options, a] { return Ps(options, *a); })
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("push show", "Shows one run with its figures",
           [&options, a] { return Show(options, *a); })
      .Positional("run", &a->run, "Id or name");
  line.Add("push cancel", "Stops a run; written items stay",
           [&options, a] { return Cancel(options, *a); })
      .Positional("run", &a->run, "Id or name");
  line.Add("push items", "Lists items of a run",
           [&options, a] { return Items(options, *a); })
      .Positional("run", &a->run, "Id or name")
      .Option("--graduate", &a->graduate, "Only of this graduate")
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("push export", "Streams all items of a run as JSON lines",
           [&options, a] { return Export(options, *a); })
      .Positional("run", &a->run, "Id or name")
      .Option("--cursor", &a->cursor, "Go on from here")
      .Flag("--intent-only", &a->intent_only, "Only what is not sent yet");
}

}  // namespace gradmatch
