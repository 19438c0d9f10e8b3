#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "gradmatch/v1/code_service.grpc.pb.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"

namespace gradmatch {
namespace {

using v1::CodeService;

struct Arguments {
  std::string file;
  std::string system;
  std::string version;
  std::string display_name;
  std::string below;
  std::string to;
  std::vector<std::string> words;
  bool replace = false;
  bool dry_run = false;
  int64_t candidates = 3;
  int64_t limit = 1'000;
};

std::string NameOf(const std::string& system) {
  return FullName("codeSystems", system);
}

// A message as a whole, where no table is asked for.
bool PrintedAsJson(const GlobalOptions& options,
                   const google::protobuf::Message& message) {
  if (options.output == "table") return false;
  PrintJson(message, options.output != "jsonl");
  return true;
}

int Import(const GlobalOptions& options, const Arguments& arguments) {
  const auto text = ReadTextFile(arguments.file);
  if (!text.ok()) return Fail(text.status());
  v1::ImportCodesRequest request;
  request.set_name(NameOf(arguments.system));
  request.set_version(arguments.version);
  request.set_table(*text);
  request.set_display_name(arguments.display_name);
  request.set_replace(arguments.replace);
  request.set_validate_only(arguments.dry_run);
  if (!arguments.dry_run) request.set_request_id(NewRequestId());
  v1::ImportCodesResponse response;
  const absl::Status status = Client(options).Call<CodeService>(
      &CodeService::Stub::ImportCodes, request, response);
  if (!status.ok()) return Fail(status);
  if (PrintedAsJson(options, response) || options.quiet) return kExitOk;
  const v1::CodeSystem& system = response.code_system();
  std::cout << (arguments.dry_run ? "可以导入：" : "已导入：")
            << system.system() << " 版本 " << system.version() << "，"
            << Grouped(system.codes()) << " 个代码\n";
  if (response.lost_codes_size() > 0) {
    std::cout << "新版本没有的代码 " << response.lost_codes_size() << " 个："
              << absl::StrJoin(response.lost_codes(), " ")
              << "\n可在表中把它们写成有后继代码的行\n";
  }
  return kExitOk;
}

int ListSystems(const GlobalOptions& options) {
  v1::ListCodeSystemsResponse response;
  const absl::Status status =
      Client(options).Call<CodeService>(&CodeService::Stub::ListCodeSystems,
                                        v1::ListCodeSystemsRequest(), response);
  if (!status.ok()) return Fail(status);
  if (PrintedAsJson(options, response)) return kExitOk;
  Table table({"体系", "版本", "当前", "来源", "代码", "级别", "名称"});
  table.Right({4});
  for (const v1::CodeSystem& s : response.code_systems()) {
    table.Add({s.system(), s.version(), s.current() ? "是" : "",
               s.built_in() ? "自带" : "导入", Grouped(s.codes()),
               absl::StrJoin(s.levels(), "/"), s.display_name()});
  }
  std::cout << table.ToString();
  return kExitOk;
}

int List(const GlobalOptions& options, const Arguments& arguments) {
  if (arguments.system.empty()) return ListSystems(options);
  v1::ListCodesRequest request;
  request.set_parent(NameOf(arguments.system));
  request.set_version(arguments.version);
  request.set_below(arguments.below);
  return PrintList<CodeService>(
      options, request, arguments.limit, &CodeService::Stub::ListCodes,
      [](const v1::ListCodesResponse& r) { return r.codes(); },
      Table({"代码", "上级", "级", "名称", "别名", "后继"}),
      [](Table& table, const v1::CodeInfo& c) {
        table.Add({c.code().code(), c.parent(), absl::StrCat(c.level()),
                   c.code().display(), absl::StrJoin(c.aliases(), " "),
                   c.successor()});
      });
}

int Resolve(const GlobalOptions& options, const Arguments& arguments) {
  v1::ResolveCodesRequest request;
  request.set_parent(NameOf(arguments.system));
  request.set_candidates(static_cast<int32_t>(arguments.candidates));
  for (const std::string& text : arguments.words) request.add_texts(text);
  v1::ResolveCodesResponse response;
  const absl::Status status = Client(options).Call<CodeService>(
      &CodeService::Stub::ResolveCodes, request, response);
  if (!status.ok()) return Fail(status);
  if (PrintedAsJson(options, response)) return kExitOk;
  Table table({"文字", "代码", "名称", "把握"});
  table.Right({3});
  for (const auto& result : response.results()) {
    if (result.candidates().empty()) table.Add({result.text(), "", "", ""});
    for (const auto& candidate : result.candidates()) {
      const v1::Code& code = candidate.code().code();
      table.Add({result.text(), code.code(), code.display(),
                 absl::StrFormat("%.2f", candidate.confidence())});
    }
  }
  std::cout << table.ToString();
  return kExitOk;
}

int Cross(const GlobalOptions& options, const Arguments& arguments) {
  v1::CrossCodesRequest request;
  request.set_parent(NameOf(arguments.system));
  request.set_to_system(arguments.to);
  for (const std::string& code : arguments.words) request.add_codes(code);
  v1::CrossCodesResponse response;
  const absl::Status status = Client(options).Call<CodeService>(
      &CodeService::Stub::CrossCodes, request, response);
  if (!status.ok()) return Fail(status);
  if (PrintedAsJson(options, response)) return kExitOk;
  Table table({"代码", "名称", "对应代码", "对应名称"});
  for (const auto& result : response.results()) {
    for (const v1::Code& to : result.crossed()) {
      table.Add({result.code().code(), result.code().display(), to.code(),
                 to.display()});
    }
  }
  for (const v1::Code& miss : response.misses()) {
    table.Add({miss.code(), miss.display(), "（无同名）", ""});
  }
  std::cout << table.ToString();
  if (!options.quiet) {
    std::cout << "对应 " << response.results_size() << " 个，无同名 "
              << response.misses_size() << " 个\n";
  }
  return kExitOk;
}

}  // namespace

void AddCodeCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("code", "Code tables: majors, regions, functions and others");
  auto a = std::make_shared<Arguments>();
  line.Add("code import", "Takes a code table, or a newer version of one",
           [&options, a] { return Import(options, *a); })
      .Positional("file", &a->file,
                  "Lines of code, parent, level, name, aliases, note, "
                  "successor, separated by tabs")
      .Option("--system", &a->system, "System, such as undergraduate")
      .Required()
      .Option("--version", &a->version, "Version, such as moe-2026")
      .Required()
      .Option("--display-name", &a->display_name, "What it is, in Chinese")
      .Flag("--replace", &a->replace, "Replaces this version if it is there")
      .Flag("--dry-run", &a->dry_run, "Checks the table and keeps nothing");
  line.Add("code list", "Lists the systems, or the codes of one",
           [&options, a] { return List(options, *a); })
      .OptionalPositional("system", &a->system, "System; none lists them all")
      .Option("--version", &a->version, "Version; the current one without")
      .Option("--below", &a->below, "Only codes at or below this one")
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("code resolve", "Turns texts into codes, the surest first",
           [&options, a] { return Resolve(options, *a); })
      .Positional("system", &a->system, "System to look in")
      .Positionals("text", &a->words, "Texts or codes")
      .Option("--candidates", &a->candidates, "Candidates for each")
      .Range(1, 20);
  line.Add("code cross", "Finds the codes of another system by their names",
           [&options, a] { return Cross(options, *a); })
      .Positional("system", &a->system, "System the codes are of")
      .Option("--to", &a->to, "System to cross to")
      .Required()
      .Option("--code", &a->words, "Codes; all of the system without");
}

}  // namespace gradmatch
