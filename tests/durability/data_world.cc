#include "tests/durability/data_world.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/longrunning/operations.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "index/content_hash.h"
#include "index/file_system.h"
#include "index/keys.h"
#include "index/store.h"
#include "index/vault/seal_keys.h"
#include "tests/server/any_call.h"
#include "tests/server/test_world.h"

namespace gradmatch {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

[[noreturn]] void GiveUp(const std::string& what) {
  std::fprintf(stderr, "data world: %s\n", what.c_str());
  std::_Exit(1);
}

void Require(const absl::Status& status, const std::string& what) {
  if (!status.ok()) GiveUp(absl::StrCat(what, ": ", status.ToString()));
}

absl::Status CallJson(TestServer& server, const std::string& method,
                      const std::string& json,
                      std::unique_ptr<Message>* answer) {
  for (const MethodDescriptor* descriptor : AllMethods()) {
    if (ShortName(*descriptor) != method) continue;
    const std::unique_ptr<Message> request = NewRequest(*descriptor);
    const auto parsed =
        google::protobuf::util::JsonStringToMessage(json, request.get());
    if (!parsed.ok()) GiveUp(absl::StrCat(method, ": ", parsed.ToString()));
    return CallAny(server.channel(), *descriptor, *request, answer);
  }
  GiveUp("no method " + method);
}

void Do(TestServer& server, const std::string& method,
        const std::string& json) {
  std::unique_ptr<Message> answer;
  Require(CallJson(server, method, json, &answer), method);
}

std::string PostingJson(const std::string& source, const std::string& id,
                        const std::string& description) {
  return absl::StrCat(
      R"({"posting": {"name": "sources/)", source, "/postings/", id,
      R"(", "sourcePostingId": ")", id,
      R"(", "title": "软件工程师", "employer": {"name": "深圳示例)", id,
      R"("}, "locations": [{"region": {"system": "region",
      "code": "440300"}}], "openings": 3, "description": ")",
      description, R"(", "state": "STATE_OPEN",
      "expireTime": "2026-06-01T00:00:00Z"}, "updateMask": "*",
      "allowMissing": true})");
}

void Erase(TestServer& server, const std::string& graduate) {
  std::unique_ptr<Message> answer;
  Require(CallJson(server, "GraduateService.EraseGraduate",
                   absl::StrCat(R"({"name": "graduates/)", graduate,
                                R"(", "purpose": "本人", "purgeNow": true})"),
                   &answer),
          "erase");
  const auto& operation =
      static_cast<const google::longrunning::Operation&>(*answer);
  Do(server, "Operations.WaitOperation",
     absl::StrCat(R"({"name": ")", operation.name(),
                  R"(", "timeout": "20s"})"));
}

// A part of a record after the log's end, as a kill leaves it: the next start
// copies the files aside and recovers.
void TearLog(const std::string& store) {
  const auto names = ListFolder(store);
  Require(names.status(), "list");
  std::string last;
  for (const std::string& name : *names) {
    if (absl::EndsWith(name, ".log")) last = name;
  }
  std::ofstream log(store + "/" + last, std::ios::binary | std::ios::app);
  log << std::string("\x11\x22\x33\x44\x40\x00\x01torn", 11);
}

void ReadStore(const Store& store, Dump& dump) {
  for (int i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    DumpSection& section =
        dump.sections[absl::StrCat("store ", std::string(FamilyName(family)))];
    const auto cursor = store.Scan(family, {});
    for (; cursor->Valid(); cursor->Next()) {
      section.lines.push_back(
          absl::StrCat(absl::BytesToHexString(std::string(cursor->key())), " ",
                       absl::Hex(ContentHash(cursor->value()))));
    }
    if (!cursor->status().ok()) section.error = cursor->status().ToString();
  }
}

// What a reader of the API sees, one method of each kind.
constexpr struct {
  const char* method;
  const char* json;
} kQuestions[] = {
    {"SourceService.ListSources", "{}"},
    {"PostingService.ListPostings",
     R"({"parent": "sources/gd", "pageSize": 1000})"},
    {"PostingService.ListPostings",
     R"({"parent": "sources/big", "pageSize": 1000})"},
    {"GraduateService.ListGraduates", R"({"pageSize": 1000})"},
    {"GraduateService.GetGraduate", R"({"name": "graduates/g-1"})"},
    {"GraduateService.GetGraduate", R"({"name": "graduates/gone-1"})"},
    {"GraduateService.ListTags", R"({"parent": "graduates/g-1"})"},
    {"ContentService.ListContents", "{}"},
    {"StaffService.ListStaff", "{}"},
    {"CodeService.ListCodes", R"({"parent": "codeSystems/campus"})"},
    {"PushService.ListPushPlans", "{}"},
    {"PushService.ListPushRuns", "{}"},
    {"PushService.ListPushItems",
     R"({"parent": "pushRuns/run-1", "pageSize": 1000})"},
    {"MatchService.MatchPostings",
     R"({"graduate": "graduates/g-1", "pageSize": 20})"},
    {"MatchService.SearchPostings", R"({"text": "软件", "pageSize": 20})"},
    {"MatchService.MatchContents", R"({"graduate": "graduates/g-1"})"},
    {"AdminService.ListAuditEntries", R"({"pageSize": 1000})"},
};

// Without what is another in every session: tokens, and the trace of a call.
std::string TextOf(const Message& message) {
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetExpandAny(true);
  printer.PrintToString(message, &text);
  return text;
}

void ReadApi(TestServer& server, Dump& dump) {
  int number = 0;
  for (const auto& [method, json] : kQuestions) {
    DumpSection& section =
        dump.sections[absl::StrCat("call ", ++number, " ", method)];
    std::unique_ptr<Message> answer;
    const absl::Status status = CallJson(server, method, json, &answer);
    if (absl::IsNotFound(status)) {
      section.lines.push_back("NOT_FOUND");  // an answer like any other
    } else if (status.ok()) {
      section.lines.push_back(TextOf(*answer));
    } else {
      section.error = status.ToString();
    }
  }
}

}  // namespace

TestServer::Settings SettingsOf(const WorldPaths& paths) {
  return {{"storage.data_dir", paths.data},
          {"privacy.seal_key_file", paths.seal_keys},
          {"server.http_listen", ""}};
}

void MakeWorld(const WorldPaths& paths, int variant) {
  Require(NewSealKeyFile(paths.seal_keys), "seal keys");
  {
    TestServer::Settings settings = SettingsOf(paths);
    settings["snapshot.folder"] = paths.data + ".snapshots";  // the world's
    TestServer server(settings);
    TestWorld world(server);
    Do(server, "GraduateService.UpdateSealedFlags",
       R"({"name": "graduates/g-1", "hardship": true, "purpose": "资助"})");
    for (const char* id : {"gone-1", "gone-2"}) {
      Do(server, "GraduateService.CreateGraduate",
         absl::StrCat(R"({"graduateId": ")", id, R"(", "graduate":
            {"profile": {"text": "好学)",
                      variant, R"("}}})"));
    }
    Erase(server, "gone-1");
    Do(server, "CodeService.ImportCodes",
       absl::StrCat(R"({"name": "codeSystems/campus", "version": "1",
          "table": "01\t\t1\t工学)",
                    variant, R"(\t\t\t\n"})"));
  }
  std::filesystem::remove_all(paths.data + ".snapshots");
  {
    TestServer server(SettingsOf(paths));
    for (int i = 0; i < 40; ++i) {
      Do(server, "PostingService.UpdatePosting",
         PostingJson("gd", absl::StrCat("V", variant, "-", i), "后端开发。"));
    }
    Do(server, "GraduateService.UpdateSealedFlags",
       R"({"name": "graduates/g-placed", "disability": true,
           "purpose": "资助"})");
    Erase(server, "gone-2");
  }
  // Only now: a purge removes the copy that this leads to.
  TearLog(paths.data + "/store");
  TestServer server(SettingsOf(paths));
  Do(server, "PostingService.UpdatePosting",
     PostingJson("gd", "after", "后端开发。"));
}

void GrowWorldAndDie(const WorldPaths& paths) {
  TestServer server(SettingsOf(paths));
  server.AddSource("big");
  std::string text;
  for (int i = 0; i < 1'900; ++i) absl::StrAppend(&text, "职责", i * i, "，");
  // Enough that one family's buffer is written to a table, and a new log begun,
  // while the old log is still needed for the others.
  for (int i = 0; i < 200; ++i) {
    Do(server, "PostingService.UpdatePosting",
       PostingJson("big", absl::StrCat("B-", i), absl::StrCat(i, text)));
  }
  for (int i = 0; i < 10; ++i) {
    Do(server, "PostingService.UpdatePosting",
       PostingJson("gd", absl::StrCat("late-", i), "新近。"));
    Do(server, "GraduateService.UpdateGraduate",
       absl::StrCat(R"({"graduate": {"name": "graduates/late-)", i,
                    R"(", "profile": {"skills": ["Java"]}},
                       "updateMask": "profile", "allowMissing": true})"));
  }
  Do(server, "StaffService.CreateStaff",
     R"({"staffId": "s-late", "staff": {"kind": "KIND_COUNSELLOR",
         "schools": ["4144010558"]}})");
  _exit(0);
}

Dump ReadWorld(const WorldPaths& paths) {
  Dump dump;
  TestServer server{TestServer::Later()};
  server.Listen(SettingsOf(paths));
  const absl::Status loaded = server.server().Load();
  if (loaded.ok()) {
    ReadStore(server.server().runtime().engine().store, dump);
    ReadApi(server, dump);
  } else {
    dump.refusal = loaded.ToString();
  }
  for (const std::string& line : server.log_lines()) {
    if (absl::StrContains(line, "\"level\":\"warning\"") ||
        absl::StrContains(line, "\"level\":\"error\"")) {
      dump.warnings.push_back(line);
    }
  }
  return dump;
}

// A line each: a tag, a tab, the text with its line ends escaped.
std::string ToText(const Dump& dump) {
  std::string text;
  const auto add = [&text](const char* tag, const std::string& what) {
    absl::StrAppend(&text, tag, "\t", absl::CEscape(what), "\n");
  };
  if (!dump.refusal.empty()) add("refusal", dump.refusal);
  for (const auto& [name, section] : dump.sections) {
    add("section", name);
    for (const std::string& line : section.lines) add("line", line);
    if (!section.error.empty()) add("error", section.error);
  }
  for (const std::string& line : dump.warnings) add("warning", line);
  add("end", "");
  return text;
}

Dump DumpFromText(const std::string& text) {
  Dump dump;
  DumpSection* section = nullptr;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(line, absl::MaxSplits('\t', 1));
    std::string what;
    absl::CUnescape(parts.second, &what);
    if (parts.first == "refusal") dump.refusal = what;
    if (parts.first == "section") section = &dump.sections[what];
    if (parts.first == "line") section->lines.push_back(what);
    if (parts.first == "error") section->error = what;
    if (parts.first == "warning") dump.warnings.push_back(what);
  }
  return dump;
}

}  // namespace gradmatch
