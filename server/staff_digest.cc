#include "server/staff_digest.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/change.h"
#include "index/keys.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/proto_time.h"
#include "matcher/reasons.h"
#include "server/audit.h"
#include "server/page_token.h"
#include "server/push_names.h"
#include "server/push_runner.h"
#include "server/resource_name.h"
#include "server/staff_checks.h"
#include "server/staff_registry.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

constexpr int kRecordsBetweenChecks = 1'024;
constexpr char kNotInRun[] = "NOT_IN_RUN";
constexpr char kNotInRunText[] = "本批次没有处理该学生，可能在批次之后才登记";

std::string_view TextOf(std::string_view code) {
  for (int i = 1; i < kSuppressionCount; ++i) {
    const auto suppression = static_cast<Suppression>(i);
    if (SuppressionCode(suppression) == code) {
      return SuppressionText(suppression);
    }
  }
  return kNotInRunText;
}

v1::Reason WhyNothing(const StudentFacts& facts, std::string_view run_id) {
  std::string code = kNotInRun;
  if (facts.selection != Suppression::kNone) {
    code = SuppressionCode(facts.selection);
  } else if (facts.uncovered && facts.uncovered->run_id == run_id) {
    code = facts.uncovered->code;
  }
  return MakeReason(code, TextOf(code));
}

// 0: not covered, 1: no reaction, 2: all is well.
int Attention(const v1::StudentDigest& student) {
  if (student.items() == 0) return 0;
  return student.no_reaction() ? 1 : 2;
}

absl::StatusOr<int32_t> CountEvents(const Store& store,
                                    std::string_view graduate_key) {
  int32_t count = 0;
  const std::unique_ptr<Cursor> cursor =
      store.Scan(Family::kFeedback, PrefixRange(LedgerPrefix(graduate_key)));
  for (; cursor->Valid(); cursor->Next()) ++count;
  if (!cursor->status().ok()) return cursor->status();
  return count;
}

absl::StatusOr<StudentFacts> FactsOf(const Engine& engine,
                                     const PushStore& store,
                                     std::string_view key,
                                     const v1::Graduate& graduate,
                                     const v1::PushRun& run) {
  StudentFacts facts;
  facts.name = graduate.name();
  // As the run saw the time, with the record as it is now.
  facts.selection =
      SelectForPush(graduate, run.plan().audience(), TimeOf(run.start_time()));
  auto ledger = store.Ledger(key);
  if (!ledger.ok()) return ledger.status();
  facts.ledger = *std::move(ledger);
  auto uncovered = store.GetUncovered(key);
  if (!uncovered.ok()) return uncovered.status();
  facts.uncovered = *std::move(uncovered);
  const auto events = CountEvents(engine.store, key);
  if (!events.ok()) return events.status();
  facts.reactions = *events;
  return facts;
}

absl::StatusOr<std::vector<v1::StudentDigest>> ReadStudents(
    const Engine& engine, const PushStore& store, const RpcContext& rpc,
    const v1::Staff& staff, const v1::PushRun& run, std::string_view run_id) {
  std::vector<v1::StudentDigest> students;
  int64_t seen = 0;
  const std::unique_ptr<Cursor> cursor =
      engine.store.Scan(Family::kGraduate, {});
  for (; cursor->Valid(); cursor->Next()) {
    if (++seen % kRecordsBetweenChecks == 0) {
      absl::Status go_on = rpc.Check();
      if (!go_on.ok()) return go_on;
    }
    const auto record = ParseRecord(cursor->value());
    if (!record.ok()) return record.status();
    if (record->head.tombstone) continue;
    const auto graduate = GraduateFromRecord(*record);
    if (!graduate.ok()) return graduate.status();
    if (!InScope(staff, *graduate)) continue;
    const auto facts = FactsOf(engine, store, cursor->key(), *graduate, run);
    if (!facts.ok()) return facts.status();
    students.push_back(DigestOf(*facts, run_id));
  }
  if (!cursor->status().ok()) return cursor->status();
  return students;
}

// Leaves the page that was asked for, and the token of the next.
absl::Status CutPage(const Engine& engine, const RpcContext& rpc,
                     const v1::GetStaffDigestRequest& request, int size,
                     v1::StaffDigest& digest) {
  const auto cursor = engine.tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();
  int64_t offset = 0;
  if (!cursor->empty() && !absl::SimpleAtoi(*cursor, &offset)) {
    return absl::InternalError("a sealed page token has no offset");
  }
  std::vector<v1::StudentDigest> page;
  int64_t place = 0;
  bool more = false;
  for (v1::StudentDigest& student : *digest.mutable_student_digests()) {
    if (request.attention_only() && Attention(student) == 2) continue;
    if (place++ < offset) continue;
    more = page.size() == static_cast<size_t>(size);
    if (more) break;
    page.push_back(std::move(student));
  }
  digest.clear_student_digests();
  for (v1::StudentDigest& student : page) {
    *digest.add_student_digests() = std::move(student);
  }
  if (more) {
    digest.set_next_page_token(engine.tokens.Make(rpc.page_scope(), request,
                                                  absl::StrCat(offset + size)));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::PushRun> ReadEndedRun(const PushStore& store,
                                         const std::string& run_id) {
  auto run = ReadRun(store, run_id, PushRunNameOf(run_id));
  if (!run.ok()) return run.status();
  if (IsAtEnd(run->run().state())) return std::move(*run->mutable_run());
  return MakeError(absl::StatusCode::kFailedPrecondition, kRunNotReady,
                   "推送批次尚未结束，暂无简报；请在批次完成后重试",
                   {{"push_run", PushRunNameOf(run_id)}});
}

}  // namespace

v1::StudentDigest DigestOf(const StudentFacts& facts, std::string_view run_id) {
  v1::StudentDigest student;
  student.set_graduate(facts.name);
  student.set_reactions(facts.reactions);
  int64_t last = 0;
  for (const LedgerLine& line : facts.ledger) {
    if (line.entry.push_run().empty()) continue;  // by hand
    student.set_items_ever(student.items_ever() + 1);
    last = std::max(last, line.entry.intent_time_micros());
    if (line.entry.push_run() == run_id) student.set_items(student.items() + 1);
  }
  if (last > 0) {
    *student.mutable_last_push_time() = ToTimestamp(absl::FromUnixMicros(last));
  }
  if (student.items() == 0) {
    *student.mutable_not_covered() = WhyNothing(facts, run_id);
  }
  student.set_no_reaction(student.items_ever() >= kItemsWithoutReaction &&
                          facts.reactions == 0);
  return student;
}

void FillDigest(std::vector<v1::StudentDigest> students,
                v1::StaffDigest& digest) {
  std::ranges::sort(students, [](const auto& a, const auto& b) {
    return std::make_tuple(Attention(a), std::string_view(a.graduate())) <
           std::make_tuple(Attention(b), std::string_view(b.graduate()));
  });
  std::map<std::string, int64_t> why;
  for (v1::StudentDigest& student : students) {
    digest.set_students(digest.students() + 1);
    if (student.items() > 0) {
      digest.set_covered(digest.covered() + 1);
    } else {
      digest.set_not_covered(digest.not_covered() + 1);
      ++why[student.not_covered().code()];
    }
    if (student.no_reaction()) digest.set_no_reaction(digest.no_reaction() + 1);
    *digest.add_student_digests() = std::move(student);
  }
  for (const auto& [code, graduates] : why) {
    v1::SuppressionCount* count = digest.add_suppressions();
    count->set_code(code);
    count->set_graduates(graduates);
    count->set_text_zh(std::string(TextOf(code)));
  }
}

absl::Status GetStaffDigest(const Runtime& runtime, const PushStore& store,
                            const RpcContext& rpc,
                            const v1::GetStaffDigestRequest& request,
                            v1::StaffDigest& response) {
  const Engine& engine = runtime.engine();
  const auto ids = ParseResourceName("name", "staff/{staff}/digests/{push_run}",
                                     request.name());
  if (!ids.ok()) return ids.status();
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto token = engine.tokens.Read(rpc.page_scope(), request);
  if (!token.ok()) return token.status();
  const auto read = [&]() -> absl::Status {
    const auto staff = engine.staff.Get((*ids)[0]);
    if (!staff.ok()) return staff.status();
    const auto run = ReadEndedRun(store, (*ids)[1]);
    if (!run.ok()) return run.status();
    auto students = ReadStudents(engine, store, rpc, *staff, *run, (*ids)[1]);
    if (!students.ok()) return students.status();
    response.set_name(request.name());
    FillDigest(*std::move(students), response);
    return CutPage(engine, rpc, request, *size, response);
  };
  return RunAudited(engine.audit, rpc, {request.name(), ""}, read);
}

}  // namespace gradmatch
