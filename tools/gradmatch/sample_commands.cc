#include <iostream>
#include <memory>

#include "absl/time/clock.h"
#include "index/base/clock.h"
#include "index/base/strings.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/terminal.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

struct Arguments {
  std::string folder;
  int64_t postings = 2'000;
  int64_t graduates = 5'000;
  int64_t contents = 400;
  int64_t seed = 1;
  std::string base_date;
};

int Generate(const GlobalOptions& options, const Arguments& arguments) {
  SampleOptions sample{.postings = arguments.postings,
                       .graduates = arguments.graduates,
                       .contents = arguments.contents,
                       .seed = static_cast<uint64_t>(arguments.seed)};
  sample.base_date = absl::ToCivilDay(absl::Now(), ChinaTime());
  if (!arguments.base_date.empty() &&
      !absl::ParseCivilTime(arguments.base_date, &sample.base_date)) {
    std::cerr << "gradmatch: --base-date is '" << arguments.base_date
              << "'; a date such as 2026-11-22 is allowed\n";
    return kExitUsage;
  }
  auto generator = SampleGenerator::Create(sample);
  if (!generator.ok()) return Fail(generator.status());
  Progress progress("合成样例", options.quiet, absl::Now);
  const auto files = WriteSample(
      **generator, arguments.folder,
      [&](int64_t done, int64_t total) { progress.Update(done, total); });
  progress.Finish();
  if (!files.ok()) {
    Fail(files.status());
    return kExitCannotWrite;
  }
  if (!options.quiet) {
    std::cout << "Synthetic sample in " << arguments.folder << ": "
              << Grouped(sample.postings) << " postings of "
              << files->postings.size() << " sources, "
              << Grouped(sample.graduates) << " graduates, "
              << Grouped(sample.contents) << " pieces of content, seed "
              << sample.seed << ", base date "
              << absl::FormatCivilTime(sample.base_date) << "\n  "
              << files->sources << "\n  " << arguments.folder
              << "/postings/*.jsonl\n  " << files->graduates << "\n  "
              << files->contents
              << "\nNo person, employer or vacancy in it exists.\n";
  }
  return kExitOk;
}

}  // namespace

void AddSampleCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("sample", "Synthetic data");
  auto arguments = std::make_shared<Arguments>();
  line.Add("sample generate", "Writes a synthetic nation as JSON lines",
           [&options, arguments] { return Generate(options, *arguments); })
      .Positional("folder", &arguments->folder, "Where to write")
      .Option("--postings", &arguments->postings, "Number of postings")
      .Option("--graduates", &arguments->graduates, "Number of graduates")
      .Option("--contents", &arguments->contents,
              "Number of policies, news, events and courses in all")
      .Option("--seed", &arguments->seed, "Same seed, same bytes")
      .Option("--base-date", &arguments->base_date,
              "The sample's today, as 2026-11-22; today by default");
}

}  // namespace gradmatch
