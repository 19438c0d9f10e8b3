#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "gradmatch/v1/content_service.grpc.pb.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "index/base/clock.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"

namespace gradmatch {
namespace {

using v1::ContentService;
using v1::MatchService;

struct Arguments {
  std::string name;
  std::string file;
  std::vector<std::string> kinds;
  int64_t limit = 50;
  int64_t top = 10;
  bool why = false;
};

const std::vector<std::string>& KindWords() {
  static const auto& words =
      *new std::vector<std::string>{"policy", "news", "event", "course"};
  return words;
}

// CONTENT_KIND_POLICY as "policy", and back.
std::string KindWord(v1::ContentKind kind) {
  constexpr size_t kPrefix = sizeof("CONTENT_KIND_") - 1;
  return absl::AsciiStrToLower(v1::ContentKind_Name(kind).substr(kPrefix));
}
v1::ContentKind KindOf(const std::string& word) {
  v1::ContentKind kind = v1::CONTENT_KIND_UNSPECIFIED;
  v1::ContentKind_Parse(
      absl::StrCat("CONTENT_KIND_", absl::AsciiStrToUpper(word)), &kind);
  return kind;
}

std::string DayText(const v1::Content& content) {
  const google::protobuf::Timestamp& time =
      content.has_event() ? content.event().period().start_time()
                          : content.publish_time();
  if (time.seconds() == 0) return "";
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(time.seconds()),
                          ChinaTime());
}

std::string PlaceText(const v1::Content& content) {
  const v1::Location& location = content.has_event()
                                     ? content.event().location()
                                     : content.course().location();
  const bool online = content.has_event() ? content.event().online()
                                          : content.course().online();
  if (!location.region().display().empty()) return location.region().display();
  return online ? "线上" : location.address();
}

int Add(const GlobalOptions& options, const Arguments& arguments) {
  v1::UpdateContentRequest request;
  const auto json = ReadTextFile(arguments.file);
  if (!json.ok()) return Fail(json.status());
  const absl::Status parsed =
      ParseJson(*json, arguments.file, *request.mutable_content());
  if (!parsed.ok()) return Fail(parsed);
  // A literal of one character: GCC 12 sees an overlap that is not there
  // (105651).
  *request.mutable_update_mask()->add_paths() = std::string("*");
  request.set_allow_missing(true);
  request.set_request_id(NewRequestId());
  v1::Content stored;
  const absl::Status status = Client(options).Call<ContentService>(
      &ContentService::Stub::UpdateContent, request, stored);
  if (!status.ok()) return Fail(status);
  for (const v1::Issue& issue : stored.issues()) {
    std::cerr << "gradmatch: " << issue.field() << ": " << issue.message()
              << "\n";
  }
  stored.clear_text();
  PrintJson(stored, options.output != "jsonl");
  return kExitOk;
}

int Show(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetContentRequest request;
  request.set_name(FullName("contents", arguments.name));
  v1::Content content;
  const absl::Status status = Client(options).Call<ContentService>(
      &ContentService::Stub::GetContent, request, content);
  if (!status.ok()) return Fail(status);
  PrintJson(content, options.output != "jsonl");
  return kExitOk;
}

int List(const GlobalOptions& options, const Arguments& arguments) {
  v1::ListContentsRequest request;
  for (const std::string& kind : arguments.kinds) {
    request.add_kinds(KindOf(kind));
  }
  return PrintList<ContentService>(
      options, request, arguments.limit, &ContentService::Stub::ListContents,
      [](const v1::ListContentsResponse& r) { return r.contents(); },
      Table({"content", "类型", "标题", "日期", "地点", "状态"}),
      [](Table& table, const v1::Content& c) {
        table.Add({c.name(), KindWord(c.kind()), CutToWidth(c.title(), 50),
                   DayText(c), PlaceText(c),
                   v1::Content::State_Name(c.state()).substr(6)});
      });
}

int Remove(const GlobalOptions& options, const Arguments& arguments) {
  v1::DeleteContentRequest request;
  request.set_name(FullName("contents", arguments.name));
  request.set_request_id(NewRequestId());
  google::protobuf::Empty empty;
  const absl::Status status = Client(options).Call<ContentService>(
      &ContentService::Stub::DeleteContent, request, empty);
  return status.ok() ? kExitOk : Fail(status);
}

void PrintMatches(const v1::MatchContentsResponse& response, bool why) {
  Table table({"#", "类型", "标题", "日期", "地点", "得分"});
  table.Right({0, 5});
  for (const v1::ContentMatch& match : response.matches()) {
    const v1::Content& content = match.content();
    table.Add({std::to_string(match.rank()), KindWord(content.kind()),
               CutToWidth(content.title(), 56), DayText(content),
               PlaceText(content), absl::StrFormat("%.2f", match.score())});
    if (!why) continue;
    std::string reasons;
    for (const v1::Reason& reason : match.reasons()) {
      absl::StrAppend(&reasons, reasons.empty() ? "" : "；", reason.text_zh());
    }
    table.AddNote(absl::StrCat("理由：", reasons));
    table.AddNote(content.name());
  }
  std::cout << (table.empty() ? "(none)\n" : table.ToString());
  if (response.non_personalised()) {
    std::cout << "个性化推荐已关闭：仅按地点和时间\n";
  }
}

int Match(const GlobalOptions& options, const Arguments& arguments) {
  v1::MatchContentsRequest request;
  request.set_graduate(FullName("graduates", arguments.name));
  request.set_page_size(static_cast<int32_t>(arguments.top));
  for (const std::string& kind : arguments.kinds) {
    request.add_kinds(KindOf(kind));
  }
  v1::MatchContentsResponse response;
  const absl::Status status = Client(options).Call<MatchService>(
      &MatchService::Stub::MatchContents, request, response);
  if (!status.ok()) return Fail(status);
  if (options.output == "json") {
    PrintJson(response, true);
  } else if (options.output == "jsonl") {
    for (const v1::ContentMatch& match : response.matches()) {
      PrintJson(match, false);
    }
  } else {
    PrintMatches(response, arguments.why);
  }
  return kExitOk;
}

}  // namespace

void AddContentCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("content",
                "Policies, news, events, courses: import, add, show, list, "
                "delete, match");
  auto a = std::make_shared<Arguments>();
  line.Add("content add", "Writes one piece of content as a JSON file has it",
           [&options, a] { return Add(options, *a); })
      .Positional("file", &a->file, "File with a Content in JSON");
  line.Add("content show", "Shows one piece of content",
           [&options, a] { return Show(options, *a); })
      .Positional("name", &a->name, "Id or name");
  line.Add("content list", "Lists content by name",
           [&options, a] { return List(options, *a); })
      .Option("--kind", &a->kinds, "Only of this kind; may be given again")
      .OneOf(KindWords())
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("content delete", "Deletes a piece of content",
           [&options, a] { return Remove(options, *a); })
      .Positional("name", &a->name, "Id or name");
  line.Add("content match", "What is meant for a graduate, best first",
           [&options, a] { return Match(options, *a); })
      .Positional("graduate", &a->name, "Pseudonymous id or name")
      .Option("--kind", &a->kinds, "Only of this kind; may be given again")
      .OneOf(KindWords())
      .Option("--top", &a->top, "How many, up to 100")
      .Range(1, 100)
      .Flag("--why", &a->why, "With reasons");
}

}  // namespace gradmatch
