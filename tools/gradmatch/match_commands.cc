#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"
#include "tools/gradmatch/posting_text.h"

namespace gradmatch {
namespace {

using v1::MatchService;

struct Arguments {
  std::string graduate;
  std::string posting;
  std::string text;
  std::string profile_file;
  std::vector<std::string> regions;
  std::string purpose;
  std::string staff;
  int64_t top = 10;
  int64_t people = 20;
  bool why = false;
  bool features = false;
};

std::string ReasonsText(const v1::Match& match) {
  std::string text;
  for (const v1::Reason& reason : match.reasons()) {
    absl::StrAppend(&text, text.empty() ? "" : "；", reason.text_zh());
  }
  return text;
}

void PrintFeatures(const v1::Match& match) {
  if (match.features().empty()) return;
  Table table({"特征", "值", "贡献", "归入"});
  table.Right({1, 2});
  for (const v1::Feature& feature : match.features()) {
    table.Add({feature.name(), absl::StrFormat("%.2f", feature.value()),
               absl::StrFormat("%.3f", feature.contribution()),
               feature.sub_score()});
  }
  std::cout << table.ToString();
}

void PrintTrace(const v1::MatchTrace& trace) {
  std::cout << trace.summary_zh() << "\n"
            << absl::StrFormat(
                   "第 %d 代快照 · 编码器 %s · 排序 %s · 检索 %s%s\n",
                   trace.versions().generation(), trace.versions().encoder(),
                   trace.versions().ranker(), trace.plan(),
                   trace.exact() ? "（精确）" : "");
}

// Works for MatchPostings and SearchPostings, whose answers look the same.
template <typename Response>
int PrintMatches(const GlobalOptions& options, const Arguments& arguments,
                 const Response& response) {
  if (options.output == "json") {
    PrintJson(response, true);
    return kExitOk;
  }
  if (options.output == "jsonl") {
    for (const v1::Match& match : response.matches()) PrintJson(match, false);
    return kExitOk;
  }
  Table table({"#", "岗位", "地点", "月薪", "得分", "想要", "适合"});
  table.Right({0, 4, 5, 6});
  for (const v1::Match& match : response.matches()) {
    table.Add({std::to_string(match.rank()),
               CutToWidth(TitleText(match.posting()), 56),
               PlaceText(match.posting()), PayText(match.posting()),
               absl::StrFormat("%.2f", match.score()),
               absl::StrFormat("%.2f", match.wants_score()),
               absl::StrFormat("%.2f", match.fits_score())});
    if (!arguments.why) continue;
    table.AddNote(absl::StrCat("理由：", ReasonsText(match)));
    for (const v1::Reason& condition : match.eligibility().conditions()) {
      table.AddNote(absl::StrCat("待确认：", condition.text_zh()));
    }
    table.AddNote(match.posting().name());
  }
  if (!table.empty()) std::cout << table.ToString();
  PrintTrace(response.trace());
  return kExitOk;
}

absl::Status ReadProfile(const std::string& file, v1::Profile& profile) {
  const auto json = ReadTextFile(file);
  return json.ok() ? ParseJson(*json, file, profile) : json.status();
}

int Search(const GlobalOptions& options, const Arguments& arguments) {
  v1::SearchPostingsRequest request;
  if (!arguments.profile_file.empty()) {
    const absl::Status read =
        ReadProfile(arguments.profile_file, *request.mutable_profile());
    if (!read.ok()) return Fail(read);
  } else {
    request.set_text(arguments.text);
  }
  request.set_page_size(static_cast<int32_t>(arguments.top));
  request.set_include_features(arguments.features);
  for (const std::string& region : arguments.regions) {
    request.add_regions(region);
  }
  v1::SearchPostingsResponse response;
  const absl::Status status = Client(options).Call<MatchService>(
      &MatchService::Stub::SearchPostings, request, response);
  if (!status.ok()) return Fail(status);
  return PrintMatches(options, arguments, response);
}

int Match(const GlobalOptions& options, const Arguments& arguments) {
  const int ways = !arguments.graduate.empty() + !arguments.text.empty() +
                   !arguments.profile_file.empty();
  if (ways != 1) {
    std::cerr << "gradmatch: give one of: a graduate, --text TEXT, --profile "
                 "FILE\n";
    return kExitUsage;
  }
  if (arguments.graduate.empty()) return Search(options, arguments);
  if (!arguments.regions.empty()) {
    std::cerr << "gradmatch: --region goes with --text or --profile; a "
                 "graduate's places are in the profile\n";
    return kExitUsage;
  }
  v1::MatchPostingsRequest request;
  request.set_graduate(FullName("graduates", arguments.graduate));
  request.set_page_size(static_cast<int32_t>(arguments.top));
  request.set_include_features(arguments.features);
  v1::MatchPostingsResponse response;
  const absl::Status status = Client(options).Call<MatchService>(
      &MatchService::Stub::MatchPostings, request, response);
  if (!status.ok()) return Fail(status);
  return PrintMatches(options, arguments, response);
}

int Explain(const GlobalOptions& options, const Arguments& arguments) {
  v1::ExplainMatchRequest request;
  request.set_graduate(FullName("graduates", arguments.graduate));
  request.set_posting(FullName("sources", arguments.posting));
  v1::ExplainMatchResponse response;
  const absl::Status status = Client(options).Call<MatchService>(
      &MatchService::Stub::ExplainMatch, request, response);
  if (!status.ok()) return Fail(status);
  if (options.output != "table") {
    PrintJson(response, options.output == "json");
    return kExitOk;
  }
  std::cout << TitleText(response.match().posting()) << "\n"
            << response.summary_zh() << "\n";
  PrintFeatures(response.match());
  for (const v1::Reason& reason : response.push_reasons()) {
    std::cout << "推送：" << reason.text_zh() << "\n";
  }
  return kExitOk;
}

std::string ReasonsText(const v1::GraduateMatch& match) {
  std::string text;
  for (const v1::Reason& reason : match.reasons()) {
    absl::StrAppend(&text, text.empty() ? "" : "；", reason.text_zh());
  }
  return text;
}

int MatchGraduates(const GlobalOptions& options, const Arguments& arguments) {
  v1::MatchGraduatesRequest request;
  request.set_posting(FullName("sources", arguments.posting));
  request.set_purpose(arguments.purpose);
  request.set_page_size(static_cast<int32_t>(arguments.people));
  if (!arguments.staff.empty()) {
    request.set_staff(FullName("staff", arguments.staff));
  }
  for (const std::string& region : arguments.regions) {
    request.mutable_audience()->add_regions(region);
  }
  v1::MatchGraduatesResponse response;
  const absl::Status status = Client(options).Call<MatchService>(
      &MatchService::Stub::MatchGraduates, request, response);
  if (!status.ok()) return Fail(status);
  if (options.output != "table") {
    PrintJson(response, options.output == "json");
    return kExitOk;
  }
  Table table({"#", "毕业生", "得分", "想要", "适合", "已推送", "理由"});
  table.Right({0, 2, 3, 4});
  for (const v1::GraduateMatch& match : response.matches()) {
    table.Add({std::to_string(match.rank()), match.graduate(),
               absl::StrFormat("%.2f", match.score()),
               absl::StrFormat("%.2f", match.wants_score()),
               absl::StrFormat("%.2f", match.fits_score()),
               match.pushed() ? "是" : "", ReasonsText(match)});
    for (const v1::Reason& condition : match.eligibility().conditions()) {
      table.AddNote(absl::StrCat("待确认：", condition.text_zh()));
    }
  }
  if (!table.empty()) std::cout << table.ToString();
  std::cout << "符合条件的约 " << response.eligible_about()
            << " 人以上；今天还可查看 " << response.budget_left() << " 人次\n";
  return kExitOk;
}

int Eligible(const GlobalOptions& options, const Arguments& arguments) {
  v1::CheckEligibilityRequest request;
  request.set_graduate(FullName("graduates", arguments.graduate));
  request.set_posting(FullName("sources", arguments.posting));
  v1::CheckEligibilityResponse response;
  const absl::Status status = Client(options).Call<MatchService>(
      &MatchService::Stub::CheckEligibility, request, response);
  if (!status.ok()) return Fail(status);
  if (options.output != "table") {
    PrintJson(response, options.output == "json");
    return kExitOk;
  }
  const v1::Eligibility& e = response.eligibility();
  std::cout << v1::Eligibility::Outcome_Name(e.outcome()).substr(8) << "\n";
  for (const v1::Reason& reason : e.reasons()) {
    std::cout << "不符合：" << reason.text_zh() << "\n";
  }
  for (const v1::Reason& condition : e.conditions()) {
    std::cout << "待确认：" << condition.text_zh() << "\n";
  }
  return kExitOk;
}

}  // namespace

void AddMatchCommands(CommandLine& line, const GlobalOptions& options) {
  auto a = std::make_shared<Arguments>();
  line.Add("match", "Ranked postings for a graduate, a text or a profile",
           [&options, a] { return Match(options, *a); })
      .OptionalPositional("graduate", &a->graduate, "Pseudonymous id or name")
      .Option("--text", &a->text, "Free text instead of a graduate")
      .Option("--profile", &a->profile_file,
              "File with a Profile in JSON instead of a graduate")
      .Option("--region", &a->regions,
              "Only in this region, GB/T 2260; may be given again")
      .Option("--top", &a->top, "How many, up to 100")
      .Range(1, 100)
      .Flag("--why", &a->why, "With reasons")
      .Flag("--features", &a->features, "With features, in JSON output");
  line.Add("match-graduates",
           "Graduates that fit a posting; for those who help graduates",
           [&options, a] { return MatchGraduates(options, *a); })
      .Positional("posting", &a->posting, "sources/S/postings/P")
      .Option("--purpose", &a->purpose, "What it is for; kept in the audit")
      .Required()
      .Option("--staff", &a->staff, "Member of staff who asks")
      .Option("--region", &a->regions,
              "Only graduates from this region, GB/T 2260; may be given again")
      .Option("--top", &a->people, "How many, up to 100")
      .Range(1, 100);
  line.Add("explain", "Everything about one graduate and one posting",
           [&options, a] { return Explain(options, *a); })
      .Positional("graduate", &a->graduate, "Pseudonymous id or name")
      .Positional("posting", &a->posting, "sources/S/postings/P");
  line.Add("eligible", "Only the hard requirements of one pair",
           [&options, a] { return Eligible(options, *a); })
      .Positional("graduate", &a->graduate, "Pseudonymous id or name")
      .Positional("posting", &a->posting, "sources/S/postings/P");
}

}  // namespace gradmatch
