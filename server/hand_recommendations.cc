#include "server/hand_recommendations.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "matcher/eligibility.h"
#include "matcher/ingest/duplicate_groups.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/matcher.h"
#include "matcher/posting_schema.h"
#include "matcher/profile_in_use.h"
#include "matcher/push/push_export.h"
#include "matcher/push/selection.h"
#include "matcher/reasons.h"
#include "server/attribution.h"
#include "server/audit.h"
#include "server/graduate_kind.h"
#include "server/idempotency.h"
#include "server/page_token.h"
#include "server/posting_kind.h"
#include "server/resource_name.h"
#include "server/source_registry.h"
#include "server/staff_checks.h"
#include "server/staff_registry.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxNote = 500;

absl::Status CheckNote(const std::string& note) {
  const size_t length = CountCharacters(note);
  if (length <= kMaxNote) return absl::OkStatus();
  return InvalidField(kFieldTooLong,
                      {"note", absl::StrCat(length, " 个字符"),
                       absl::StrCat("至多 ", kMaxNote, " 个字符"), ""});
}

absl::Status OutOfScope(const v1::Staff& staff) {
  return MakeError(absl::StatusCode::kPermissionDenied, kStaffScope,
                   absl::StrCat("该毕业生不在 ", staff.name(),
                                " 负责的学校或班级内；请由其负责人办理"),
                   {{"staff", staff.name()}});
}

// The student's refusals count as in a run.
absl::Status CheckWantsIt(const v1::Graduate& graduate,
                          const v1::Posting& posting, absl::Time now) {
  const Suppression suppression =
      SelectForPush(graduate, v1::Audience::default_instance(), now);
  std::string why(SuppressionText(suppression));
  std::string code(SuppressionCode(suppression));
  const auto& muted = graduate.preferences().muted_posting_kinds();
  if (code.empty() &&
      std::find(muted.begin(), muted.end(), posting.kind()) != muted.end()) {
    why = "毕业生不接收这一类岗位";
    code = "KIND_MUTED";
  }
  if (code.empty()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, kGraduateNotServed,
                   absl::StrCat("不能推荐：", why), {{"state", code}});
}

absl::Status NotEligible(const std::string& why, const std::string& codes) {
  return MakeError(absl::StatusCode::kFailedPrecondition, kNotEligible,
                   absl::StrCat("不能推荐这一岗位：", why),
                   {{"reasons", codes}});
}

absl::Status CheckOpen(const Engine& engine, const v1::Posting& posting,
                       absl::Time now) {
  if (!CanBePushed(posting, now)) {
    return NotEligible("岗位未开放或已截止", "POSTING_NOT_OPEN");
  }
  const auto name = ParsePostingName("posting", posting.name());
  if (!name.ok()) return name.status();
  const auto source = engine.sources.Get(name->source);
  if (source.ok() && source->sandbox()) {
    return NotEligible("岗位来自沙箱来源，不面向毕业生", "SANDBOX");
  }
  return absl::OkStatus();
}

absl::Status CheckEligible(const v1::Eligibility& eligibility) {
  if (eligibility.outcome() != v1::Eligibility::OUTCOME_INELIGIBLE) {
    return absl::OkStatus();
  }
  std::vector<std::string> texts, codes;
  for (const v1::Reason& reason : eligibility.reasons()) {
    texts.push_back(reason.text_zh());
    codes.push_back(reason.code());
  }
  return NotEligible(absl::StrJoin(texts, "；"), absl::StrJoin(codes, ","));
}

absl::Status ToldAlready(const std::string& why) {
  return MakeError(
      absl::StatusCode::kAlreadyExists, kAlreadyExists,
      absl::StrCat("该毕业生已知道这一岗位：", why, "；同一岗位不重复告知"));
}

// Everything about one recommendation before it is written.
struct Draft {
  HandLine line;
  v1::HandRecommendation recommendation;
  std::string id;
};

std::string TokenFor(const Engine& engine, const RpcContext& rpc,
                     const v1::AnswerVersions& versions, const Draft& draft) {
  Attribution attribution;
  attribution.origin = std::string(rpc.method());
  attribution.generation = versions.generation();
  attribution.version = versions.ranker();
  attribution.answer = draft.id;
  return MakeAttributionToken(engine.tokens, attribution,
                              draft.line.graduate_key);
}

absl::StatusOr<Draft> MakeDraft(const Engine& engine, const RpcContext& rpc,
                                const PushReasonsFor& push_reasons,
                                const v1::RecommendPostingRequest& request,
                                const v1::Staff& staff, absl::Time now) {
  Draft draft;
  const auto graduate = ReadGraduate(engine, "graduate", request.graduate(),
                                     &draft.line.graduate_key);
  if (!graduate.ok()) return graduate.status();
  if (!InScope(staff, *graduate)) return OutOfScope(staff);
  const auto posting = ReadPosting(engine, "posting", request.posting());
  if (!posting.ok()) return posting.status();
  absl::Status allowed = CheckWantsIt(*graduate, *posting, now);
  if (allowed.ok()) allowed = CheckOpen(engine, *posting, now);
  if (!allowed.ok()) return allowed;
  v1::HandRecommendation& made = draft.recommendation;
  *made.mutable_eligibility() =
      CheckEligibility(ProfileInUse(*graduate), *posting, now);
  allowed = CheckEligible(made.eligibility());
  if (!allowed.ok()) return allowed;

  static const std::set<std::string> kTold = {
      "PUSHED_BEFORE", "PUSH_REFUSED", "PUSH_PLANNED", "STAFF_RECOMMENDED"};
  const auto said =
      push_reasons(*graduate, draft.line.graduate_key, *posting, now);
  if (!said.ok()) return said.status();
  for (const v1::Reason& reason : *said) {
    if (kTold.contains(reason.code())) return ToldAlready(reason.text_zh());
  }
  const auto answer = engine.matcher.Explain(*graduate, *posting, now);
  if (!answer.ok()) return answer.status();

  const auto key = PostingKeyOfName(posting->name());
  if (!key) return absl::DataLossError("a stored posting has a bad name");
  draft.line.posting_key = *key;
  draft.line.canonical_key =
      PostingKeyOfName(posting->canonical_posting()).value_or(*key);
  draft.line.fingerprint = DuplicateFingerprint(*posting);
  // One a graduate and group, so this names it.
  draft.id = absl::StrCat(
      absl::Hex(ContentHash(absl::StrCat(draft.line.graduate_key, "/",
                                         draft.line.canonical_key)),
                absl::kZeroPad16));
  made.set_name(
      absl::StrCat(graduate->name(), "/handRecommendations/", draft.id));
  made.set_posting(posting->name());
  made.set_staff(staff.name());
  made.set_note(request.note());
  *made.add_reasons() = MakeReason("STAFF_RECOMMENDED", "老师人工推荐",
                                   {{"staff", staff.name()}});
  for (const v1::Reason& reason : answer->match().reasons()) {
    *made.add_reasons() = reason;
  }
  made.set_attribution_token(TokenFor(engine, rpc, answer->versions(), draft));
  *made.mutable_create_time() = ToTimestamp(now);
  return draft;
}

// Writes it, unless a run told the student meanwhile.
absl::Status Keep(PushStore& store, const Draft& draft, absl::Time now,
                  const AnswerLog& answers) {
  const int64_t micros = absl::ToUnixMicros(now);
  WriteBatch also;
  also.Put(Family::kHandRecommendation,
           HandRecommendationKey(draft.line.graduate_key, micros, draft.id),
           draft.recommendation.SerializeAsString());
  answers.AddTo(also, draft.recommendation);
  const auto told = [&draft](std::span<const LedgerLine> ledger) {
    return std::ranges::any_of(ledger, [&draft](const LedgerLine& line) {
      return line.canonical_key == draft.line.canonical_key ||
             line.entry.posting() == draft.line.posting_key ||
             (line.entry.fingerprint() != 0 &&
              line.entry.fingerprint() == draft.line.fingerprint);
    });
  };
  const auto written = store.AppendByHand(draft.line, micros, told, also);
  if (!written.ok()) return written.status();
  return *written ? absl::OkStatus() : ToldAlready("刚刚已告知");
}

}  // namespace

absl::Status RecommendPosting(const Runtime& runtime, PushStore& store,
                              const PushReasonsFor& push_reasons,
                              const RpcContext& rpc,
                              const v1::RecommendPostingRequest& request,
                              v1::HandRecommendation& response) {
  const Engine& engine = runtime.engine();
  const auto graduate_id = ParseGraduateName("graduate", request.graduate());
  if (!graduate_id.ok()) return graduate_id.status();
  const auto posting = ParsePostingName("posting", request.posting());
  if (!posting.ok()) return posting.status();
  const auto staff_id = ParseStaffName("staff", request.staff());
  if (!staff_id.ok()) return staff_id.status();
  absl::Status note = CheckNote(request.note());
  if (!note.ok()) return note;
  const auto staff = engine.staff.Get(*staff_id);
  if (!staff.ok()) return staff.status();

  const absl::Time now = runtime.clock.Now();
  const auto write = [&](const AnswerLog& answers) -> absl::Status {
    auto draft = MakeDraft(engine, rpc, push_reasons, request, *staff, now);
    if (!draft.ok()) return draft.status();
    absl::Status kept = Keep(store, *draft, now, answers);
    if (kept.ok()) response = std::move(draft->recommendation);
    return kept;
  };
  return RunAudited(
      engine.audit, rpc,
      {PersonInAudit(engine.pseudonyms.Of(*graduate_id)), staff->name()}, [&] {
        return RunIdempotent(engine.requests, rpc, request, response, write);
      });
}

absl::Status ListHandRecommendations(
    const Runtime& runtime, const RpcContext& rpc,
    const v1::ListHandRecommendationsRequest& request,
    v1::ListHandRecommendationsResponse& response) {
  const Engine& engine = runtime.engine();
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto after = engine.tokens.Read(rpc.page_scope(), request);
  if (!after.ok()) return after.status();
  const auto id = ParseGraduateName("parent", request.parent());
  if (!id.ok()) return id.status();
  const auto read = [&]() -> absl::Status {
    std::string key;
    const auto graduate =
        ReadGraduate(engine, "parent", request.parent(), &key);
    if (!graduate.ok()) return graduate.status();
    // The token has what is behind the pseudonym, which stays inside.
    const std::string prefix = LedgerPrefix(key);
    KeyRange range = PrefixRange(prefix);
    if (!after->empty()) range.begin = prefix + *after + '\0';
    const std::unique_ptr<Cursor> cursor =
        engine.store.Scan(Family::kHandRecommendation, range);
    std::string last;
    for (; cursor->Valid(); cursor->Next()) {
      if (response.hand_recommendations_size() == *size) {
        response.set_next_page_token(
            engine.tokens.Make(rpc.page_scope(), request, last));
        break;
      }
      last = std::string(cursor->key().substr(prefix.size()));
      if (!response.add_hand_recommendations()->ParseFromString(
              std::string(cursor->value()))) {
        return absl::DataLossError("a hand recommendation does not parse");
      }
    }
    return cursor->status();
  };
  return RunAudited(engine.audit, rpc,
                    {PersonInAudit(engine.pseudonyms.Of(*id)), ""}, read);
}

}  // namespace gradmatch
