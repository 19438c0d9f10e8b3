#include "tools/gradmatch/push_wait.h"

#include <iostream>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tools/gradmatch/operation_wait.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

using google::longrunning::Operation;

std::string StageText(v1::PushRun::State state) {
  switch (state) {
    case v1::PushRun::STATE_PENDING:
      return "等待开始";
    case v1::PushRun::STATE_SELECTING:
      return "选人";
    case v1::PushRun::STATE_RETRIEVING:
      return "找岗打分";
    case v1::PushRun::STATE_ALLOCATING:
      return "分配名额";
    case v1::PushRun::STATE_WRITING:
      return "落账";
    case v1::PushRun::STATE_READY:
      return "可导出";
    default:
      return v1::PushRun::State_Name(state).substr(6);
  }
}

void ShowProgress(const Operation& operation, Progress& progress) {
  v1::RunPushPlanMetadata metadata;
  if (!operation.metadata().UnpackTo(&metadata)) return;
  progress.Stage(StageText(metadata.state()));
  progress.Update(metadata.done(), metadata.total(),
                  metadata.eta_seconds() < 0
                      ? absl::InfiniteDuration()
                      : absl::Seconds(metadata.eta_seconds()));
}

void PrintRun(const v1::PushRun& run) {
  const v1::PushRunCounts& c = run.counts();
  const double covered =
      c.graduates_selected() > 0
          ? 100.0 * c.graduates_covered() / c.graduates_selected()
          : 0;
  std::cout << run.name() << "  " << StageText(run.state()) << "  计划 "
            << run.push_plan() << "\n"
            << "  毕业生 " << Grouped(c.graduates_total()) << "，可推 "
            << Grouped(c.graduates_selected()) << "，覆盖 "
            << Grouped(c.graduates_covered())
            << absl::StrFormat("（%.1f %%）", covered) << "\n"
            << "  条目 " << Grouped(c.items()) << "，推出岗位 "
            << Grouped(c.postings_pushed()) << " / "
            << Grouped(c.postings_open()) << "，名额用尽 "
            << Grouped(c.postings_at_cap())
            << absl::StrFormat("，平均分 %.2f，集中度（基尼）%.2f\n",
                               c.mean_score(), c.exposure_gini());
  for (const v1::SuppressionCount& s : c.suppressions()) {
    std::cout << "  未推或少推：" << s.text_zh() << " "
              << Grouped(s.graduates()) << " 人\n";
  }
  if (!run.error_message().empty()) {
    std::cout << "  错误：" << run.error_message() << "\n";
  }
}

}  // namespace

int WaitForRun(const Client& client, Operation operation) {
  Progress progress("等待开始", client.options().quiet, absl::Now);
  const auto done = WaitForOperation(
      client, std::move(operation),
      [&](const Operation& now) { ShowProgress(now, progress); });
  if (!done.ok()) return Fail(done.status());
  progress.Finish();
  v1::PushRun run;
  done->response().UnpackTo(&run);
  ShowRun(client.options(), run);
  return kExitOk;
}

void ShowRun(const GlobalOptions& options, const v1::PushRun& run) {
  if (options.output == "table") {
    PrintRun(run);
  } else {
    PrintJson(run, options.output == "json");
  }
}

}  // namespace gradmatch
