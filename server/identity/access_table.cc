// The table of access_rules.h.
#include "server/identity/access_rules.h"

namespace gradmatch {
namespace {

using Bounds = std::vector<BoundField>;
using enum Binding;

RoleRule Platform() { return {CallerRole::kPlatform, {}}; }
RoleRule Operator() { return {CallerRole::kOperator, {}}; }
RoleRule Viewer() { return {CallerRole::kViewer, {}}; }
RoleRule Scientist(Bounds bounds = {}) {
  return {CallerRole::kScientist, std::move(bounds)};
}
RoleRule Staff(Bounds bounds = {}) {
  return {CallerRole::kStaff, std::move(bounds)};
}
RoleRule Source(Bounds bounds = {}) {
  return {CallerRole::kSource, std::move(bounds)};
}
// Public facts: every role, nothing to bind.
std::vector<RoleRule> Everybody() {
  return {Platform(), Source(), Operator(), Staff(), Scientist(), Viewer()};
}
// Figures of the service as a whole.
std::vector<RoleRule> Watchers() {
  return {Platform(), Operator(), Scientist(), Viewer()};
}

using Rules = std::vector<AccessRule>;

// What the service is, and what it has under way.
Rules ServiceRules() {
  const Bounds recall = {{"name", kRecall}};
  return {
      {"Health.Check", {}, /*open=*/true},
      {"Health.Watch", {}, /*open=*/true},
      // gRPC answers it, and asks nobody: it is not there when callers have
      // identities. What it would tell is in /openapi.json.
      {"ServerReflection.ServerReflectionInfo", {}},

      {"AdminService.GetServerInfo", Watchers()},
      {"AdminService.GetEffectiveConfig", {Operator()}},
      {"AdminService.ListAuditEntries", {Operator()}},

      {"IndexService.GetIndex", Watchers()},
      {"IndexService.ListIndexes", Watchers()},
      {"IndexService.MeasureRecall", {Platform(), Operator(), Scientist()}},

      {"Operations.ListOperations", {Platform(), Operator()}},
      {"Operations.GetOperation", {Platform(), Operator(), Scientist(recall)}},
      {"Operations.WaitOperation", {Platform(), Operator(), Scientist(recall)}},
      {"Operations.CancelOperation",
       {Platform(), Operator(), Scientist(recall)}},
      {"Operations.DeleteOperation",
       {Platform(), Operator(), Scientist(recall)}},

      {"TokenService.CreateToken", {Operator()}},
      {"TokenService.GetToken", {Operator()}},
      {"TokenService.ListTokens", {Operator()}},
      {"TokenService.RotateToken", {Operator()}},
      {"TokenService.RevokeToken", {Operator()}},

      // The platform may see that it could be restored; copies of everything
      // are the operator's.
      {"SnapshotService.CreateDataSnapshot", {Operator()}},
      {"SnapshotService.ListDataSnapshots", {Platform(), Operator()}},
      {"SnapshotService.GetDataSnapshot", {Platform(), Operator()}},
      {"SnapshotService.VerifyDataSnapshot", {Operator()}},
      {"SnapshotService.DeleteDataSnapshot", {Operator()}},

      {"CodeService.ListCodeSystems", Everybody()},
      {"CodeService.ListCodes", Everybody()},
      {"CodeService.ResolveCodes", Everybody()},
      {"CodeService.CrossCodes", Everybody()},
      {"CodeService.ImportCodes", {Platform(), Operator()}},
  };
}

// What sources send. The lists of sources and contents show a source its own.
Rules SourceRules() {
  // A posting of an event that is not stored is flagged: of others' postings a
  // source must not ask so whether they are there.
  return {
      {"SourceService.CreateSource", {Platform()}},
      {"SourceService.GetSource",
       {Platform(), Operator(), Scientist(), Viewer(),
        Source({{"name", kTenant}})}},
      {"SourceService.ListSources",
       {Platform(), Operator(), Scientist(), Viewer(), Source()}},
      // Its own too only by the platform: a source must not take itself out of
      // the sandbox.
      {"SourceService.UpdateSource", {Platform()}},
      {"SourceService.DeleteSource", {Platform()}},
      {"SourceService.ListQuarantineEntries",
       {Platform(), Source({{"parent", kTenant}})}},
      {"SourceService.GetSourceFigures",
       {Platform(), Operator(), Scientist(), Viewer(),
        Source({{"name", kBelowTenant}})}},

      {"PostingService.CreatePosting",
       {Platform(), Source({{"parent", kTenant}})}},
      {"PostingService.GetPosting",
       {Platform(), Staff(), Scientist(), Source({{"name", kBelowTenant}})}},
      {"PostingService.ListPostings",
       {Platform(), Staff(), Scientist(), Source({{"parent", kTenant}})}},
      {"PostingService.UpdatePosting",
       {Platform(), Source({{"posting.name", kBelowTenant}})}},
      {"PostingService.DeletePosting",
       {Platform(), Source({{"name", kBelowTenant}})}},
      {"PostingService.BatchUpdatePostings",
       {Platform(), Source({{"parent", kTenant},
                            {"requests.posting.name", kBelowTenant}})}},
      {"PostingService.SyncPostings",
       {Platform(), Source({{"begin.source", kTenant}})}},

      {"ContentService.CreateContent",
       {Platform(), Source({{"content_id", kOwnContentId},
                            {"content.source", kTenant},
                            {"content.event.postings", kBelowTenant}})}},
      {"ContentService.GetContent",
       {Platform(), Staff(), Scientist(), Source({{"name", kOwnContent}})}},
      {"ContentService.ListContents",
       {Platform(), Staff(), Scientist(), Source()}},
      {"ContentService.UpdateContent",
       {Platform(), Source({{"content.name", kOwnContent},
                            {"content.source", kTenant},
                            {"content.event.postings", kBelowTenant}})}},
      {"ContentService.DeleteContent",
       {Platform(), Source({{"name", kOwnContent}})}},
      // content_sync.cc holds each row to the same.
      {"ContentService.SyncContents",
       {Platform(), Source({{"begin.source", kTenant}})}},
  };
}

// Graduates' records: the platform's. Sealed flags are written by nobody else,
// and read by no method.
Rules GraduateRules() {
  Rules rules;
  for (const std::string_view method : {"GraduateService.CreateGraduate",
                                        "GraduateService.GetGraduate",
                                        "GraduateService.ListGraduates",
                                        "GraduateService.UpdateGraduate",
                                        "GraduateService.DeleteGraduate",
                                        "GraduateService.BatchUpdateGraduates",
                                        "GraduateService.SyncGraduates",
                                        "GraduateService.GetPreferences",
                                        "GraduateService.UpdatePreferences",
                                        "GraduateService.ListTags",
                                        "GraduateService.DeleteTag",
                                        "GraduateService.ReportPlacement",
                                        "GraduateService.RevokePlacement",
                                        "GraduateService.FreezeGraduate",
                                        "GraduateService.UnfreezeGraduate",
                                        "GraduateService.EraseGraduate",
                                        "GraduateService.GetErasureReceipt",
                                        "GraduateService.UpdateSealedFlags",
                                        "GraduateService.DeleteSealedFlags",
                                        "FeedbackService.ReportDeliveries",
                                        "FeedbackService.ReportEvents",
                                        "MatchService.MatchPostings",
                                        "MatchService.BatchMatchPostings",
                                        "MatchService.MatchContents"}) {
    rules.push_back({method, {Platform()}});
  }
  return rules;
}

// Matching without a record, push, and what staff do for their students.
Rules MatchRules() {
  return {
      {"MatchService.SearchPostings", {Platform(), Staff(), Scientist()}},
      // With a profile that is written for the purpose.
      {"MatchService.CheckEligibility",
       {Platform(), Scientist({{"graduate", kAbsent}})}},
      {"MatchService.ExplainMatch",
       {Platform(), Staff({{"graduate", kStudent}})}},
      {"MatchService.MatchGraduates",
       {Platform(), Staff({{"staff", kTenant}})}},

      {"PushService.CreatePushPlan", {Platform()}},
      {"PushService.GetPushPlan", Watchers()},
      {"PushService.ListPushPlans", Watchers()},
      {"PushService.UpdatePushPlan", {Platform()}},
      {"PushService.DeletePushPlan", {Platform()}},
      {"PushService.RunPushPlan", {Platform(), Operator()}},
      {"PushService.GetPushRun", Watchers()},
      {"PushService.ListPushRuns", Watchers()},
      {"PushService.CancelPushRun", {Platform(), Operator()}},
      {"PushService.ListPushItems", {Platform()}},
      {"PushService.StreamPushItems", {Platform()}},

      {"StaffService.CreateStaff", {Platform()}},
      {"StaffService.GetStaff", {Platform(), Staff({{"name", kTenant}})}},
      {"StaffService.ListStaff", {Platform()}},
      {"StaffService.UpdateStaff", {Platform()}},
      {"StaffService.DeleteStaff", {Platform()}},
      {"StaffService.GetStaffDigest",
       {Platform(), Staff({{"name", kBelowTenant}})}},
      {"StaffService.RecommendPosting",
       {Platform(), Staff({{"staff", kTenant}, {"graduate", kStudent}})}},
      {"StaffService.ListHandRecommendations",
       {Platform(), Staff({{"parent", kStudent}})}},
  };
}

Rules MakeTable() {
  Rules table;
  for (Rules rules :
       {ServiceRules(), SourceRules(), GraduateRules(), MatchRules()}) {
    for (AccessRule& rule : rules) table.push_back(std::move(rule));
  }
  return table;
}

}  // namespace

std::span<const AccessRule> AccessRules() {
  static const auto& table = *new Rules(MakeTable());
  return table;
}

}  // namespace gradmatch
