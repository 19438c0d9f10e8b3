#include "server/feedback_events.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/catalog.h"
#include "index/feedback_store.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "matcher/ingest/duplicate_groups.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/ingest/posting_ingester.h"
#include "matcher/profile_in_use.h"
#include "matcher/proto_time.h"
#include "matcher/push/dismissed.h"
#include "matcher/push/push_item_builder.h"
#include "server/attribution.h"
#include "server/idempotency.h"
#include "server/resource_name.h"
#include "server/row_error.h"

namespace gradmatch {
namespace {

constexpr int kMaxEvents = 500;
constexpr size_t kPushIdLength = 32;
constexpr char kPushOrigin[] = "push";
using Result = v1::ReportEventsResponse::Result;

// What an event is about, as stored.
struct Subject {
  std::string key;
  bool is_posting = false;
  std::string stands_for;  // key of the posting of its group, or `key`
  uint64_t fingerprint = 0;
};

absl::Status NotFound(const char* reason, std::string_view message) {
  return MakeError(absl::StatusCode::kNotFound, reason, message);
}

// The key of a graduate whose events are kept. One with a registered
// destination is: what it did before is told later.
absl::StatusOr<std::string> GraduateOf(const Engine& engine,
                                       const v1::FeedbackEvent& event) {
  const auto id = ParseGraduateName("graduate", event.graduate());
  if (!id.ok()) return id.status();
  const std::string key = GraduateKey(engine.pseudonyms.Of(*id));
  const auto record = engine.catalog.Get(CollectionId::kGraduates, key);
  if (!record.ok() && !absl::IsNotFound(record.status())) {
    return record.status();
  }
  if (!record.ok() || !record->head.exists) {
    return NotFound(kGraduateNotFound,
                    "毕业生不存在或已删除，其反馈不予保存；请核对名称");
  }
  const auto graduate = GraduateFromRecord(*record);
  if (!graduate.ok()) return graduate.status();
  if (graduate->lifecycle() != v1::Graduate::LIFECYCLE_PLACED) {
    absl::Status served = CheckServed(*graduate);
    if (!served.ok()) return served;
  }
  return key;
}

// A deleted posting is one still: who was hired there was.
absl::StatusOr<Subject> PostingOf(const Engine& engine,
                                  const std::string& name) {
  const auto ids = ParsePostingName("posting", name);
  if (!ids.ok()) return ids.status();
  Subject subject;
  subject.key = PostingKey(ids->source, ids->posting);
  subject.is_posting = true;
  subject.stands_for = subject.key;
  const auto record = engine.catalog.Get(CollectionId::kPostings, subject.key);
  if (absl::IsNotFound(record.status())) {
    return NotFound(kPostingNotFound, "没有这个职位；请核对 posting 名称");
  }
  if (!record.ok()) return record.status();
  if (record->head.tombstone) return subject;
  const auto posting = PostingFromRecord(subject.key, *record);
  if (!posting.ok()) return posting.status();
  subject.stands_for = DismissalSubject(subject.key, *posting);
  subject.fingerprint = DuplicateFingerprint(*posting);
  return subject;
}

absl::StatusOr<Subject> ContentOf(const Engine& engine,
                                  const std::string& name) {
  const auto ids = ParseResourceName("content", "contents/{content}", name);
  if (!ids.ok()) return ids.status();
  Subject subject;
  subject.key = ContentKey(ids->front());
  subject.stands_for = subject.key;
  const auto bytes = engine.store.Get(Family::kContent, subject.key);
  if (absl::IsNotFound(bytes.status())) {
    return NotFound(kContentNotFound, "没有这项内容；请核对 content 名称");
  }
  if (!bytes.ok()) return bytes.status();
  return subject;
}

absl::StatusOr<Subject> SubjectOf(const Engine& engine,
                                  const v1::FeedbackEvent& event) {
  if (event.posting().empty() == event.content().empty()) {
    return InvalidField(
        event.posting().empty() ? kFieldMissing : kFieldInvalid,
        {"posting", event.posting(),
         "posting 与 content 二者填其一：sources/{source}/postings/{posting} "
         "或 contents/{content}",
         ""});
  }
  return event.content().empty() ? PostingOf(engine, event.posting())
                                 : ContentOf(engine, event.content());
}

absl::Status CheckType(const v1::FeedbackEvent& event) {
  const bool missing = event.type() == v1::FEEDBACK_TYPE_UNSPECIFIED;
  if (!missing && v1::FeedbackType_IsValid(event.type())) {
    return absl::OkStatus();
  }
  return InvalidField(missing ? kFieldMissing : kFieldInvalid,
                      {"type", absl::StrCat(event.type()),
                       "VIEW、CLICK、APPLY、INTERVIEW、HIRE 或 DISMISS", ""});
}

absl::StatusOr<absl::Time> TimeOfEvent(const v1::FeedbackEvent& event,
                                       absl::Time now) {
  if (!event.has_event_time()) {
    return InvalidField(kFieldMissing,
                        {"event_time", "", "事件发生的时间", ""});
  }
  FieldChecks checks;
  checks.Time("event_time", event.event_time());
  const bool valid = checks.ok();
  const absl::Time time = valid ? TimeOf(event.event_time()) : now;
  if (valid && time >= now - kOldestEvent && time <= now + kClockSkew) {
    return time;
  }
  return InvalidField(
      kFieldOutOfRange,
      {"event_time",
       valid ? absl::FormatTime(absl::RFC3339_sec, time, ChinaTime()) : "",
       "不晚于现在（时钟误差至多 10 分钟），不早于 400 天前", ""});
}

// A push_id is not sealed: the ledger says whose it is and for what.
absl::StatusOr<Attribution> PushOf(const PushStore& push_store,
                                   std::string_view graduate_key,
                                   const Subject& subject,
                                   const std::string& push_id) {
  const auto ledger = push_store.Ledger(graduate_key);
  if (!ledger.ok()) return ledger.status();
  for (const LedgerLine& line : *ledger) {
    const v1::LedgerEntry& entry = line.entry;
    if (PushIdOf(entry.push_run(), graduate_key, line.canonical_key) !=
        push_id) {
      continue;
    }
    const bool same = entry.posting() == subject.key ||
                      line.canonical_key == subject.stands_for ||
                      (entry.fingerprint() != 0 &&
                       entry.fingerprint() == subject.fingerprint);
    if (!same) break;
    return Attribution{.origin = kPushOrigin, .version = entry.push_run()};
  }
  return InvalidField(
      kAttributionInvalid,
      {"attribution_token", push_id,
       "推给该毕业生的该职位的 push_id；请核对条目、毕业生与职位是否对应", ""});
}

absl::StatusOr<Attribution> AttributionOf(const Engine& engine,
                                          const PushStore& push_store,
                                          std::string_view graduate_key,
                                          const Subject& subject,
                                          const std::string& token) {
  if (token.empty()) {
    return InvalidField(
        kFieldMissing,
        {"attribution_token", "",
         "推荐应答的 attribution_token，或推送条目的 push_id", ""});
  }
  const bool is_push_id =
      token.size() == kPushIdLength &&
      token.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (is_push_id) return PushOf(push_store, graduate_key, subject, token);
  return ReadAttributionToken(engine.tokens, "attribution_token", token,
                              graduate_key);
}

// Keyed, since it becomes a key on disk and is made of the graduate's name.
absl::StatusOr<std::string> EventIdOf(const Engine& engine,
                                      const v1::FeedbackEvent& event) {
  if (!event.event_id().empty()) {
    if (IsValidId(event.event_id())) return event.event_id();
    return InvalidField(kFieldInvalid,
                        {"event_id", event.event_id(),
                         "1 至 64 个字符，限 A-Z a-z 0-9 . _ ~ -；可留空", ""});
  }
  return absl::BytesToHexString(A(engine.pseudonyms.Of(absl::StrCat(
      "event/", event.attribution_token(), "\n", event.type(), "\n",
      event.graduate(), "\n", event.posting(), "\n", event.content()))));
}

absl::StatusOr<FeedbackLine> Accept(const Engine& engine,
                                    const PushStore& push_store, absl::Time now,
                                    const v1::FeedbackEvent& event) {
  absl::Status type = CheckType(event);
  if (!type.ok()) return type;
  const auto time = TimeOfEvent(event, now);
  if (!time.ok()) return time.status();
  const auto graduate = GraduateOf(engine, event);
  if (!graduate.ok()) return graduate.status();
  const auto subject = SubjectOf(engine, event);
  if (!subject.ok()) return subject.status();
  const auto attribution = AttributionOf(engine, push_store, *graduate,
                                         *subject, event.attribution_token());
  if (!attribution.ok()) return attribution.status();
  auto id = EventIdOf(engine, event);
  if (!id.ok()) return id.status();

  FeedbackLine line;
  line.graduate_key = *graduate;
  line.event_id = *std::move(id);
  line.event.set_type(event.type());
  (subject->is_posting ? *line.event.mutable_posting()
                       : *line.event.mutable_content()) = subject->key;
  line.event.set_event_time_micros(absl::ToUnixMicros(*time));
  line.event.set_receive_time_micros(absl::ToUnixMicros(now));
  line.event.set_origin(attribution->origin);
  line.event.set_generation(attribution->generation);
  line.event.set_version(attribution->version);
  if (event.type() == v1::FEEDBACK_TYPE_DISMISS) {
    line.dismissed_subject = subject->stands_for;
    line.fingerprint = subject->fingerprint;
  }
  return line;
}

void FillResult(FeedbackOutcome outcome, Result& result) {
  switch (outcome) {
    case FeedbackOutcome::kRecorded:
      return result.set_status(Result::STATUS_RECORDED);
    case FeedbackOutcome::kUnchanged:
      return result.set_status(Result::STATUS_UNCHANGED);
    case FeedbackOutcome::kConflict:
      break;
  }
  result.set_status(Result::STATUS_REJECTED);
  *result.mutable_error() = MakeRowError(
      kAlreadyExists, "event_id", result.event_id(),
      "该编号已用于该毕业生的另一事件（类型或对象不同）；请换一个编号");
}

// The lines to be written, and the results that they belong to.
struct Accepted {
  std::vector<FeedbackLine> lines;
  std::vector<int> places;
};

absl::StatusOr<Accepted> AcceptAll(const Engine& engine,
                                   const PushStore& push_store,
                                   const RpcContext& rpc, absl::Time now,
                                   const v1::ReportEventsRequest& request,
                                   v1::ReportEventsResponse& response) {
  Accepted accepted;
  for (int i = 0; i < request.events_size(); ++i) {
    if (absl::Status s = rpc.Check(); !s.ok()) return s;
    const v1::FeedbackEvent& event = request.events(i);
    auto line = Accept(engine, push_store, now, event);
    Result& result = *response.add_results();
    if (line.ok()) {
      result.set_event_id(line->event_id);
      accepted.lines.push_back(*std::move(line));
      accepted.places.push_back(i);
    } else if (IsRowError(line.status())) {
      result.set_event_id(event.event_id());
      result.set_status(Result::STATUS_REJECTED);
      *result.mutable_error() = ToRowError(line.status());
    } else {
      return line.status();
    }
  }
  return accepted;
}

}  // namespace

absl::Status ReportEvents(const Engine& engine, const PushStore& push_store,
                          const RpcContext& rpc, absl::Time now,
                          const v1::ReportEventsRequest& request,
                          v1::ReportEventsResponse& response) {
  const int count = request.events_size();
  if (count == 0 || count > kMaxEvents) {
    return InvalidField(count == 0 ? kFieldMissing : kBatchTooLarge,
                        {"events", absl::StrCat(count, " 项"),
                         absl::StrCat("1 至 ", kMaxEvents, " 项"), ""});
  }
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const auto accepted =
            AcceptAll(engine, push_store, rpc, now, request, response);
        if (!accepted.ok()) return accepted.status();
        return engine.feedback
            .Record(accepted->lines,
                    [&](std::span<const FeedbackOutcome> outcomes) {
                      for (size_t i = 0; i < outcomes.size(); ++i) {
                        FillResult(outcomes[i], *response.mutable_results(
                                                    accepted->places[i]));
                      }
                      WriteBatch batch;
                      answers.AddTo(batch, response);
                      return batch;
                    })
            .status();
      });
}

}  // namespace gradmatch
