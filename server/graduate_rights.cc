#include "server/graduate_rights.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/catalog.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/posting_schema.h"
#include "matcher/tags.h"
#include "server/field_mask.h"
#include "server/graduate_kind.h"
#include "server/idempotency.h"
#include "server/page_token.h"
#include "server/record_writer.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

using Graduate = v1::Graduate;

// A decision about one stored graduate.
struct GraduateDecision {
  std::string name;        // graduates/{graduate}
  std::string name_field;  // of the request
  std::string etag;        // must be the stored one, unless empty
  // Makes it on the record as stored; its error is passed on.
  std::function<absl::Status(Graduate&)> decide;
};

// Reads, decides, writes, and again when somebody else's write came between,
// unless the caller named the etag. The answer, made by `respond` of the
// graduate as stored, is kept with the change.
template <typename Request, typename Response, typename Respond>
absl::Status CarryOut(const Engine& engine, const RpcContext& rpc,
                      const Request& request, const GraduateDecision& decision,
                      Respond respond, Response& response) {
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const GraduateKind kind(engine);
        const RecordWriter<GraduateKind> writer(engine.catalog, kind);
        while (true) {
          auto stored =
              ReadGraduate(engine, decision.name_field, decision.name);
          if (!stored.ok()) return stored.status();
          if (!decision.etag.empty() && decision.etag != stored->etag()) {
            return EtagMismatch(decision.name, decision.etag, stored->etag());
          }
          std::vector<GraduateOp> ops(1);
          ops[0].precondition.etag = stored->etag();
          ops[0].keeps = Keeps::kNothing;
          absl::Status decided = decision.decide(*stored);
          if (!decided.ok()) return decided;
          ops[0].graduate = *std::move(stored);
          ops[0].graduate.clear_revision();
          auto rows =
              writer.Run(ops, answers, [&](std::span<const GraduateRow> done) {
                return respond(*done.front().record);
              });
          if (!rows.ok()) return rows.status();
          absl::Status taken = ToStatus(rows->front(), "");
          if (taken.ok()) {
            response = respond(*rows->front().record);
            return taken;
          }
          const bool overtaken =
              absl::IsAborted(taken) && decision.etag.empty();
          if (!overtaken) return taken;
          absl::Status go_on = rpc.Check();
          if (!go_on.ok()) return go_on;
        }
      });
}

Graduate Whole(const Graduate& graduate) { return graduate; }

v1::Preferences PreferencesOf(const Graduate& graduate) {
  v1::Preferences preferences = graduate.preferences();
  preferences.set_name(graduate.name() + "/preferences");
  preferences.set_etag(graduate.etag());
  return preferences;
}

// The graduate's name in "graduates/{graduate}/preferences".
absl::StatusOr<std::string> ParsePreferencesName(std::string_view field,
                                                 const std::string& name) {
  const auto ids =
      ParseResourceName(field, "graduates/{graduate}/preferences", name);
  if (!ids.ok()) return ids.status();
  return GraduateNameOf(ids->front());
}

absl::Status CheckPlacement(const v1::Placement& placement) {
  FieldChecks check;
  check.Enum("placement.kind", placement.kind(),
             placement.kind() != v1::Placement::KIND_UNSPECIFIED &&
                 v1::Placement::Kind_IsValid(placement.kind()),
             "1 至 6");
  if (!placement.posting().empty() &&
      !PostingKeyOfName(placement.posting()).has_value()) {
    check.Fail(kNameInvalid, "placement.posting", placement.posting(),
               "sources/{source}/postings/{posting}，或留空");
  }
  check.Length("placement.registration_id", placement.registration_id(), 64);
  if (placement.has_register_time()) {
    check.Time("placement.register_time", placement.register_time());
  }
  if (check.ok()) return absl::OkStatus();
  return RowStatus(v1::SyncRowResult::STATUS_REJECTED,
                   absl::StatusCode::kInvalidArgument, "", check.Take(), "");
}

absl::Status TagNotFound(const std::string& name) {
  return MakeError(absl::StatusCode::kNotFound, kTagNotFound,
                   absl::StrCat("没有标签 ", name.substr(name.rfind('/') + 1),
                                "；可用 ListTags 查看已有标签"));
}

// Where a graduate is when nothing is registered and nothing is frozen.
Graduate::Lifecycle LifecycleAfterFreeze(const Graduate& graduate) {
  if (graduate.has_placement()) return Graduate::LIFECYCLE_PLACED;
  const auto before = graduate.lifecycle_before_freeze();
  return before == Graduate::LIFECYCLE_UNSPECIFIED ? Graduate::LIFECYCLE_ACTIVE
                                                   : before;
}

bool IsFrozen(const Graduate& graduate) {
  return graduate.lifecycle() == Graduate::LIFECYCLE_FROZEN;
}

// Puts a new lifecycle under a freeze, where there is one.
void SetLifecycle(Graduate::Lifecycle lifecycle, Graduate& graduate) {
  if (IsFrozen(graduate)) {
    graduate.set_lifecycle_before_freeze(lifecycle);
  } else {
    graduate.set_lifecycle(lifecycle);
  }
}

}  // namespace

absl::Status GetPreferences(const Engine& engine,
                            const v1::GetPreferencesRequest& request,
                            v1::Preferences& response) {
  const auto name = ParsePreferencesName("name", request.name());
  if (!name.ok()) return name.status();
  const auto graduate = ReadGraduate(engine, "name", *name);
  if (!graduate.ok()) return graduate.status();
  response = PreferencesOf(*graduate);
  return absl::OkStatus();
}

absl::Status UpdatePreferences(const Engine& engine, const RpcContext& rpc,
                               const v1::UpdatePreferencesRequest& request,
                               v1::Preferences& response) {
  const auto name =
      ParsePreferencesName("preferences.name", request.preferences().name());
  if (!name.ok()) return name.status();
  GraduateDecision decision{
      *name, "preferences.name", request.preferences().etag(),
      [&](Graduate& graduate) {
        v1::Preferences patch = request.preferences();
        patch.clear_name();
        patch.clear_etag();
        return ApplyFieldMask("update_mask", request.update_mask(), patch,
                              *graduate.mutable_preferences());
      }};
  return CarryOut(engine, rpc, request, decision, PreferencesOf, response);
}

absl::Status ListTags(const Engine& engine, const RpcContext& rpc,
                      const v1::ListTagsRequest& request,
                      v1::ListTagsResponse& response) {
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto cursor = engine.tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();
  size_t first = 0;
  if (!cursor->empty() && !absl::SimpleAtoi(*cursor, &first)) {
    return absl::InternalError("a sealed page token has no offset");
  }
  const auto graduate = ReadGraduate(engine, "parent", request.parent());
  if (!graduate.ok()) return graduate.status();
  std::vector<v1::Tag> tags = TagsOf(*graduate);
  const size_t last = std::min(tags.size(), first + static_cast<size_t>(*size));
  for (size_t i = first; i < last; ++i) {
    *response.add_tags() = std::move(tags[i]);
  }
  if (last < tags.size()) {
    response.set_next_page_token(
        engine.tokens.Make(rpc.page_scope(), request, absl::StrCat(last)));
  }
  return absl::OkStatus();
}

absl::Status DeleteTag(const Engine& engine, const RpcContext& rpc,
                       const v1::DeleteTagRequest& request,
                       google::protobuf::Empty& response) {
  const auto ids = ParseResourceName("name", "graduates/{graduate}/tags/{tag}",
                                     request.name());
  if (!ids.ok()) return ids.status();
  const GraduateDecision decision{
      GraduateNameOf(ids->front()), "name", "",
      [&](Graduate& graduate) -> absl::Status {
        for (const v1::Tag& tag : TagsOf(graduate)) {
          if (tag.name() != request.name()) continue;
          DeleteTag(tag, graduate);
          return absl::OkStatus();
        }
        return TagNotFound(request.name());
      }};
  return CarryOut(
      engine, rpc, request, decision,
      [](const Graduate&) { return google::protobuf::Empty(); }, response);
}

absl::Status ReportPlacement(const Engine& engine, const RpcContext& rpc,
                             const v1::ReportPlacementRequest& request,
                             v1::Graduate& response) {
  absl::Status valid = CheckPlacement(request.placement());
  if (!valid.ok()) return valid;
  const GraduateDecision decision{
      request.name(), "name", request.etag(), [&](Graduate& graduate) {
        *graduate.mutable_placement() = request.placement();
        SetLifecycle(Graduate::LIFECYCLE_PLACED, graduate);
        return absl::OkStatus();
      }};
  return CarryOut(engine, rpc, request, decision, Whole, response);
}

absl::Status RevokePlacement(const Engine& engine, const RpcContext& rpc,
                             const v1::RevokePlacementRequest& request,
                             v1::Graduate& response) {
  const GraduateDecision decision{
      request.name(), "name", request.etag(), [](Graduate& graduate) {
        const bool placed =
            graduate.has_placement() ||
            graduate.lifecycle() == Graduate::LIFECYCLE_PLACED ||
            graduate.lifecycle_before_freeze() == Graduate::LIFECYCLE_PLACED;
        graduate.clear_placement();
        if (placed) SetLifecycle(Graduate::LIFECYCLE_ACTIVE, graduate);
        return absl::OkStatus();
      }};
  return CarryOut(engine, rpc, request, decision, Whole, response);
}

absl::Status FreezeGraduate(const Engine& engine, const RpcContext& rpc,
                            const v1::FreezeGraduateRequest& request,
                            v1::Graduate& response) {
  const GraduateDecision decision{
      request.name(), "name", "", [](Graduate& graduate) {
        const auto before = graduate.lifecycle_before_freeze();
        if (!IsFrozen(graduate)) {
          graduate.set_lifecycle_before_freeze(graduate.lifecycle());
        } else if (before == Graduate::LIFECYCLE_UNSPECIFIED) {
          graduate.set_lifecycle_before_freeze(Graduate::LIFECYCLE_ACTIVE);
        }
        graduate.set_lifecycle(Graduate::LIFECYCLE_FROZEN);
        return absl::OkStatus();
      }};
  return CarryOut(engine, rpc, request, decision, Whole, response);
}

absl::Status UnfreezeGraduate(const Engine& engine, const RpcContext& rpc,
                              const v1::UnfreezeGraduateRequest& request,
                              v1::Graduate& response) {
  const GraduateDecision decision{
      request.name(), "name", "", [](Graduate& graduate) {
        if (IsFrozen(graduate)) {
          graduate.set_lifecycle(LifecycleAfterFreeze(graduate));
        }
        graduate.clear_lifecycle_before_freeze();
        return absl::OkStatus();
      }};
  return CarryOut(engine, rpc, request, decision, Whole, response);
}

}  // namespace gradmatch
