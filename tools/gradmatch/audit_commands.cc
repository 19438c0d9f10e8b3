#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gradmatch/v1/admin_service.grpc.pb.h"
#include "index/base/clock.h"
#include "index/vault/audit_chain.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"

namespace gradmatch {
namespace {

using v1::AdminService;

struct Arguments {
  std::string method;
  std::string resource;
  std::string anchor;
  int64_t limit = 50;
};

std::string TimeText(const v1::AuditEntry& entry) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S",
                          absl::FromUnixMicros(MicrosOf(entry)), ChinaTime());
}

int List(const GlobalOptions& options, const Arguments& arguments) {
  v1::ListAuditEntriesRequest request;
  request.set_method(arguments.method);
  request.set_resource(arguments.resource);
  return PrintList<AdminService>(
      options, request, arguments.limit, &AdminService::Stub::ListAuditEntries,
      [](const v1::ListAuditEntriesResponse& r) { return r.audit_entries(); },
      Table({"序号", "时间", "主体", "角色", "方法", "对象", "目的", "结果"}),
      [](Table& table, const v1::AuditEntry& entry) {
        table.Add({absl::StrCat(entry.sequence()), TimeText(entry),
                   entry.principal(), entry.role(), entry.method(),
                   entry.resource(), entry.purpose(), entry.result()});
      });
}

// The audit from entry `oldest` on, oldest first. A nation's year of it would
// not fit; then an anchor of the last check saves what is older.
absl::StatusOr<std::vector<v1::AuditEntry>> ReadBackTo(const Client& client,
                                                       int64_t oldest) {
  std::vector<v1::AuditEntry> entries;
  v1::ListAuditEntriesRequest request;
  request.set_page_size(1'000);
  while (true) {
    v1::ListAuditEntriesResponse response;
    absl::Status status = client.Call<AdminService>(
        &AdminService::Stub::ListAuditEntries, request, response);
    if (!status.ok()) return status;
    for (v1::AuditEntry& entry : *response.mutable_audit_entries()) {
      if (entry.sequence() < oldest) {
        std::ranges::reverse(entries);
        return entries;
      }
      entries.push_back(std::move(entry));
    }
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
  }
  std::ranges::reverse(entries);
  return entries;
}

// What the oldest entry builds on, when those before it were cut off because
// their time was over, and one of the others tells so.
std::optional<AuditAnchor> CutIn(const std::vector<v1::AuditEntry>& entries) {
  for (const v1::AuditEntry& entry : entries) {
    const auto cut = CutOf(entry);
    if (cut && cut->sequence == entries.front().sequence() - 1) return cut;
  }
  return std::nullopt;
}

AuditChecker Check(const std::vector<v1::AuditEntry>& entries,
                   const std::optional<AuditAnchor>& anchor) {
  AuditChecker checker;
  size_t next = 0;
  const std::optional<AuditAnchor> cut = CutIn(entries);
  // An anchor that was cut off meanwhile says nothing any more.
  if (cut && (!anchor || anchor->sequence < cut->sequence)) {
    checker = AuditChecker(*cut);
  } else if (cut && anchor->sequence == cut->sequence) {
    checker = AuditChecker(*cut);
    if (cut->hash != anchor->hash) {
      checker.Break(AuditBreak::kOtherChain, anchor->sequence);
    }
  } else if (anchor) {
    // The anchored entry is the first, as it was; else the chain was cut there,
    // or is another one.
    const bool there =
        !entries.empty() && entries.front().sequence() == anchor->sequence;
    if (!there || entries.front().chain_hash() != anchor->hash) {
      checker.Break(there ? AuditBreak::kOtherChain : AuditBreak::kTailCut,
                    anchor->sequence);
      return checker;
    }
    checker = AuditChecker(*anchor);
    next = 1;
  }
  for (; next < entries.size(); ++next) checker.Add(entries[next]);
  return checker;
}

// Recomputes the chain here, from what the server lists: the server's own word
// is not taken for it.
int Verify(const GlobalOptions& options, const Arguments& arguments) {
  std::optional<AuditAnchor> anchor;
  if (!arguments.anchor.empty()) {
    anchor = ParseAnchor(arguments.anchor);
    if (!anchor) {
      return Fail(absl::InvalidArgumentError(
          "--anchor is what an earlier check printed: number:hash"));
    }
  }
  const Client client(options);
  const auto entries = ReadBackTo(client, anchor ? anchor->sequence : 0);
  if (!entries.ok()) return Fail(entries.status());
  const AuditChecker checker = Check(*entries, anchor);
  if (checker.broken() != AuditBreak::kNone) {
    return Fail(absl::DataLossError(
        absl::StrCat("审计链在第 ", checker.break_sequence(), " 条断开：",
                     std::string(AuditBreakText(checker.broken())), "；此前 ",
                     checker.entries(), " 条完好")));
  }
  const std::string head = FormatAnchor(checker.head());
  if (options.output != "table") {
    std::cout << "{\"entries\": " << checker.entries() << ", \"anchor\": \""
              << head << "\"}\n";
    return kExitOk;
  }
  std::cout << "审计链完整：" << Grouped(checker.entries()) << " 条\n"
            << "链头（请另行保存，下次以 --anchor 核对）：" << head << "\n";
  return kExitOk;
}

}  // namespace

void AddAuditCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("audit", "Who did what with people's data");
  auto a = std::make_shared<Arguments>();
  line.Add("audit list", "Lists the audit, newest first",
           [&options, a] { return List(options, *a); })
      .Option("--method", &a->method,
              "Only this method, such as StaffService.GetStaffDigest")
      .Option("--resource", &a->resource,
              "Only this resource; graduates/{graduate} for a person")
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("audit verify",
           "Recomputes the chain of hashes and says where it breaks first",
           [&options, a] { return Verify(options, *a); })
      .Option("--anchor", &a->anchor,
              "What an earlier check printed: entries up to there are taken as "
              "good, and must still be what the later ones build on");
}

}  // namespace gradmatch
