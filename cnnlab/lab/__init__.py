"""The application: what a user can do, one function each.

Pages, routes and the command line call this and nothing below it.
"""

from cnnlab.datasets.findings import FINDING_TITLES
from cnnlab.datasets.upload.roots import import_roots
from cnnlab.jobs.kinds.inside import MOST_KNOWN, MOST_MAPPED
from cnnlab.judging.words.lost_words import loss_words, uncompared_words
from cnnlab.lab.addresses import is_loopback, plain_address
from cnnlab.lab.backup import back_up, restore
from cnnlab.lab.before_launch.class_balance import balance_of, check_sampling
from cnnlab.lab.before_launch.guard import (
    GuardState,
    cancel_guard,
    guard_key,
    guard_pictures,
    may_change_labels,
    read_guard,
    start_guard,
)
from cnnlab.lab.before_launch.layer_examples import (
    FILTERS,
    POOLINGS,
    as_picture,
    filter_weights,
    filtered,
    pooled,
)
from cnnlab.lab.before_launch.lr_test import (
    LrTestState,
    cancel_lr_test,
    read_lr_test,
    start_lr_test,
    wait_for_lr_test,
    without_rate,
)
from cnnlab.lab.before_launch.preflight import (
    GAIN_WORTH_SAYING,
    FasterPrecision,
    PreflightState,
    faster_precision,
    read_preflight,
    start_preflight,
    warm_up,
)
from cnnlab.lab.before_launch.recipes import best_search, guards_of_recipe, pick_recipe
from cnnlab.lab.before_launch.time_needed import RunTime, expected_seconds, time_of_run
from cnnlab.lab.before_launch.what_fits import what_fits
from cnnlab.lab.comparing.comparison import ComparedPair, ComparedRun, Comparison, compare_runs
from cnnlab.lab.comparing.table import comparison_csv
from cnnlab.lab.control import Dial, config_at, dials, fork_run, forkable_epochs, turn_dials
from cnnlab.lab.curves import curves_csv, write_curves
from cnnlab.lab.data.adding import add_images, add_to_newest, add_uploaded
from cnnlab.lab.data.datasets import (
    SAMPLE,
    SAMPLE_NAME,
    class_sets,
    count_splits,
    delete_dataset,
    example_images,
    images_at,
    import_dataset,
    import_sample,
    list_datasets,
    load_dataset,
    own_parts,
    preview_augmentation,
    square_examples,
)
from cnnlab.lab.data.fixes import (
    apply_remedy,
    dataset_card,
    dataset_zip,
    findings,
    fix_dataset,
    images_changed,
    keep_finding,
    keeps_parts,
    kept_findings,
    open_findings,
    reopen_finding,
    split_notes,
    take_back,
    upload_notes,
    versions,
)
from cnnlab.lab.data.gallery import ImageFacts, find_images, has_deep_images, image_facts, thumbnail
from cnnlab.lab.data.labels import keep_labels, kept_labels, labels_in, relabel_images
from cnnlab.lab.data.lineage import newest_version
from cnnlab.lab.data.uploads import (
    ImportState,
    append_chunk,
    begin_upload,
    bring_home_up_to_date,
    cancel_import,
    import_choosing,
    import_state,
    read_anew,
    start_import,
    start_server_import,
    tidy_up,
)
from cnnlab.lab.diagnosis import diagnose_run
from cnnlab.lab.entry import Auth, announced, app_addresses, auth, link, stored_token, token
from cnnlab.lab.explaining.files import write_explanations
from cnnlab.lab.explaining.several import (
    MOST_PICTURES,
    DrawnMap,
    cancel_explanations,
    explained_pictures,
    explanations_key,
    explanations_state,
    model_classes,
    start_explanations,
)
from cnnlab.lab.exporting.bundles import (
    bundle_file,
    bundle_name,
    bundle_state,
    cancel_bundle,
    prepare_bundle,
)
from cnnlab.lab.exporting.calibration import calibration_temperature
from cnnlab.lab.exporting.card import model_card, write_card
from cnnlab.lab.exporting.importing import import_bundle, imported_from, is_recorded
from cnnlab.lab.exporting.models import (
    ModelFacts,
    ModelList,
    ModelOrder,
    PreparedFormat,
    describe_models,
    judgeable_runs,
    list_models,
    tag_run,
)
from cnnlab.lab.exporting.overview import ExportRow, export_details, export_overview
from cnnlab.lab.exporting.page_check import check_page, image_to_check, images_to_check, page_sha256
from cnnlab.lab.exporting.preparing import (
    ExportFormat,
    ExportState,
    cancel_export,
    export_formats,
    export_run,
    is_model_missing,
    model_package,
    model_state,
    package_name,
    prepare_model,
)
from cnnlab.lab.exporting.serving import (
    add_serve_options,
    check_serve_options,
    prepare_server,
    serve_line,
    server_folder,
)
from cnnlab.lab.exporting.several import exports_name, exports_zip
from cnnlab.lab.inside.courses import RunCourses, run_courses
from cnnlab.lab.inside.layer_titles import layer_titles
from cnnlab.lab.inside.looking import (
    Inside,
    cancel_inside,
    feature_map_shades,
    feature_maps_state,
    found_inside,
    inside_seconds,
    inside_state,
    points_of,
    start_feature_maps,
    start_inside,
)
from cnnlab.lab.judging.crossfit import (
    cancel_crossfit,
    crossfit_seconds,
    crossfit_state,
    start_crossfit,
)
from cnnlab.lab.judging.evaluations import (
    EvaluationState,
    cancel_evaluation,
    delete_evaluation,
    evaluated_predictions,
    evaluation_state,
    start_evaluation,
    wait_for_evaluation,
)
from cnnlab.lab.judging.looked_at import (
    LookedAtTraining,
    looked_at_by_study,
    looked_at_training,
    trained_on_looked_at,
)
from cnnlab.lab.judging.seen_images import (
    SeenByStart,
    accuracy_seen_words,
    run_seen,
    run_seen_words,
    seen_by_start,
    seen_by_study,
)
from cnnlab.lab.judging.vault import (
    TestLook,
    dataset_test_looks,
    look_at_test,
    run_test_looks,
    test_looks,
)
from cnnlab.lab.lessons.lesson import Chart, Lesson, Next
from cnnlab.lab.lessons.state import LessonState, lesson_state
from cnnlab.lab.lessons.table import LESSONS, lesson_of_field, lesson_refusals, load_lesson
from cnnlab.lab.lessons.taking import (
    LessonPlan,
    LessonView,
    lesson_studies,
    plan_lesson,
    resume_lesson,
    start_lesson,
    stop_lesson,
    view_lesson,
)
from cnnlab.lab.made_by import version_note
from cnnlab.lab.networks import check_layers, check_network, draw_network, listed_layers
from cnnlab.lab.predicting.live import WhereToLook, predict_picture, warm_predictions
from cnnlab.lab.predicting.many import (
    cancel_predictions,
    delete_predictions,
    latest_predictions,
    predict_files,
    predicted_pictures,
    predictions_csv,
    predictions_file_name,
    predictions_state,
    predictions_table,
    predictions_thumbnail,
    start_predictions,
)
from cnnlab.lab.predicting.samples import sample_pictures
from cnnlab.lab.predictions import run_optimism, run_predictions
from cnnlab.lab.pretrained import (
    Availability,
    add_pretrained,
    check_pretrained,
    delete_pretrained,
    list_pretrained,
    names_weights,
)
from cnnlab.lab.queue.queue import (
    QueuedRun,
    QueueView,
    cancel_waiting,
    move_in_queue,
    queue_place,
    queue_places,
    queue_words,
    run_next,
    view_queue,
)
from cnnlab.lab.runs import (
    RunView,
    delete_run,
    ensure_supervised,
    follow_run,
    is_stopping,
    launch_run,
    list_runs,
    load_run,
    log_tail,
    rename_run,
    resume_run,
    stop_run,
    view_run,
    wait_for_run,
)
from cnnlab.lab.runs_table.choosing import choose_runs, number
from cnnlab.lab.runs_table.export import chosen_runs_csv, keep_choice
from cnnlab.lab.runs_table.fields import TableField, table_fields
from cnnlab.lab.runs_table.listing import ListedRun, Listing, list_all_runs, of_another_version
from cnnlab.lab.runs_table.marking import delete_runs, note_run, plan_deletion, star_runs, tag_runs
from cnnlab.lab.runs_table.saved import delete_view, list_views, save_view
from cnnlab.lab.runs_table.view import (
    DEFAULT_COLUMNS,
    ChartKind,
    FieldRange,
    RunsView,
    range_words,
    view_from,
)
from cnnlab.lab.searching.designs import new_search, search_ranges
from cnnlab.lab.searching.importance import (
    FEWEST_JUDGED,
    judged_trials,
    search_importance,
    see_to_importance,
)
from cnnlab.lab.searching.searches import (
    SearchState,
    delete_search,
    extend_search,
    launch_search,
    list_searches,
    load_search,
    most_further_trials,
    rename_search,
    resume_search,
    search_runs,
    search_state,
    stop_search,
)
from cnnlab.lab.searching.summary import SearchSummary, list_search_summaries
from cnnlab.lab.searching.view import SearchView, view_search
from cnnlab.lab.study.deck import save_deck, study_deck
from cnnlab.lab.study.demo import RECORDED_SEEDS
from cnnlab.lab.study.designs import (
    compare_arms,
    compare_doses,
    compare_sizes,
    study_seconds,
    training_images,
)
from cnnlab.lab.study.effects import doses_of, study_evaluations, worth_of
from cnnlab.lab.study.measuring import (
    cancel_landscape,
    cancel_units,
    cannot_measure,
    landscape_state,
    start_landscape,
    start_units,
    study_landscape,
    study_units,
    units_state,
    unmeasured,
)
from cnnlab.lab.study.outcome import study_outcome
from cnnlab.lab.study.plan import PILOT_SEEDS, USUAL_SEEDS, PlanRow, StudyPlan, pilot_of, plan_study
from cnnlab.lab.study.recorded import bring_sample, find_recorded, launch_demo, open_recorded
from cnnlab.lab.study.report import study_report
from cnnlab.lab.study.run_records import run_history
from cnnlab.lab.study.start import shared_starts
from cnnlab.lab.study.story import (
    StoryBasis,
    story_basis,
    story_folder,
    story_pictures,
    study_story,
)
from cnnlab.lab.study.studies import (
    delete_study,
    extend_study,
    launch_study,
    list_studies,
    load_study,
    rename_study,
    resume_study,
    stop_study,
    study_runs,
)
from cnnlab.lab.study.view import (
    PRIMARY_METRICS,
    StudyView,
    arm_summaries,
    seconds_left,
    study_histories,
    view_study,
)
from cnnlab.lab.tables.tables import tables_name, tables_zip, write_tables
from cnnlab.lab.upkeep.doctor import examine, rebuild_index
from cnnlab.lab.workplace import forget_page_note, opened_to_read, page_note, unwritable
from cnnlab.storage.attempts.feed import AttemptFeed
from cnnlab.storage.picture_table import AskedRun, PictureTable
from cnnlab.storage.pretrained.store import PretrainedEntry
from cnnlab.storage.runs.store import ListedModel

__all__ = [
    "accuracy_seen_words", "add_images", "add_pretrained", "add_serve_options", "add_to_newest",
    "add_uploaded", "announced", "app_addresses", "append_chunk", "apply_remedy", "arm_summaries",
    "as_picture", "AskedRun", "AttemptFeed", "Auth", "auth", "Availability", "back_up",
    "balance_of", "begin_upload", "best_search", "bring_home_up_to_date", "bring_sample",
    "bundle_file", "bundle_name", "bundle_state", "calibration_temperature", "cancel_bundle",
    "cancel_crossfit", "cancel_evaluation", "cancel_explanations", "cancel_export", "cancel_guard",
    "cancel_import", "cancel_inside", "cancel_landscape", "cancel_lr_test", "cancel_predictions",
    "cancel_units", "cannot_measure", "Chart", "ChartKind", "check_layers", "check_network",
    "check_page", "check_pretrained", "check_sampling", "check_serve_options", "choose_runs",
    "chosen_runs_csv", "class_sets", "compare_arms", "compare_doses", "compare_runs",
    "compare_sizes", "ComparedPair", "ComparedRun", "Comparison", "comparison_csv", "config_at",
    "count_splits", "crossfit_seconds", "crossfit_state", "curves_csv", "dataset_card",
    "dataset_test_looks", "dataset_zip", "DEFAULT_COLUMNS", "delete_dataset", "delete_evaluation",
    "delete_predictions", "delete_pretrained", "delete_run", "delete_runs", "delete_search",
    "delete_study", "delete_view", "describe_models", "diagnose_run", "Dial", "dials", "doses_of",
    "draw_network", "DrawnMap", "ensure_supervised", "evaluated_predictions", "evaluation_state",
    "EvaluationState", "examine", "example_images", "explained_pictures", "explanations_key",
    "explanations_state", "export_details", "export_formats", "export_overview", "export_run",
    "expected_seconds", "ExportFormat", "ExportRow", "exports_name", "exports_zip", "ExportState",
    "extend_search", "extend_study", "faster_precision", "FasterPrecision", "GAIN_WORTH_SAYING",
    "feature_map_shades", "feature_maps_state", "FEWEST_JUDGED", "FieldRange", "filter_weights",
    "filtered", "FILTERS", "find_images", "find_recorded", "FINDING_TITLES", "findings",
    "fix_dataset", "follow_run", "forget_page_note", "fork_run", "forkable_epochs", "found_inside",
    "guard_key", "guard_pictures", "guards_of_recipe", "GuardState", "has_deep_images",
    "image_facts", "image_to_check", "ImageFacts", "images_at", "images_changed", "images_to_check",
    "import_bundle", "import_choosing", "import_dataset", "import_roots", "import_sample",
    "import_state", "imported_from", "ImportState", "Inside", "inside_seconds", "inside_state",
    "is_loopback", "is_model_missing", "is_recorded", "is_stopping", "judgeable_runs",
    "judged_trials", "keep_choice", "keep_finding", "keep_labels", "keeps_parts", "kept_findings",
    "kept_labels", "labels_in", "landscape_state", "latest_predictions", "launch_demo",
    "layer_titles", "launch_run", "launch_search", "launch_study", "Lesson", "lesson_of_field",
    "lesson_refusals", "lesson_state", "lesson_studies", "LessonPlan", "LESSONS", "LessonState",
    "LessonView", "link", "list_all_runs", "list_datasets", "list_models", "list_pretrained",
    "list_runs", "list_search_summaries", "list_searches", "list_studies", "list_views",
    "listed_layers", "ListedModel", "ListedRun", "Listing", "load_dataset", "load_lesson",
    "load_run", "load_search", "load_study", "log_tail", "look_at_test", "looked_at_by_study",
    "looked_at_training", "LookedAtTraining", "loss_words", "LrTestState", "may_change_labels",
    "model_card", "model_classes", "model_package", "model_state", "ModelFacts",
    "ModelList", "ModelOrder", "most_further_trials", "MOST_KNOWN", "MOST_MAPPED", "MOST_PICTURES",
    "names_weights", "new_search", "newest_version", "Next", "note_run", "number",
    "of_another_version", "open_findings", "open_recorded", "opened_to_read", "own_parts",
    "package_name", "page_note", "page_sha256", "pick_recipe", "PictureTable", "pilot_of",
    "PILOT_SEEDS", "plain_address", "plan_deletion", "plan_lesson", "plan_study", "PlanRow",
    "points_of", "pooled", "POOLINGS", "predict_files", "predict_picture", "predicted_pictures",
    "predictions_csv", "predictions_file_name", "predictions_state", "predictions_table",
    "predictions_thumbnail", "PreflightState", "prepare_bundle", "prepare_model", "prepare_server",
    "PreparedFormat", "PretrainedEntry", "preview_augmentation", "PRIMARY_METRICS", "queue_place",
    "queue_places", "queue_words", "range_words", "QueuedRun", "QueueView", "cancel_waiting",
    "move_in_queue", "run_next", "view_queue", "read_anew", "read_guard", "read_lr_test",
    "read_preflight", "rebuild_index", "RECORDED_SEEDS", "relabel_images", "rename_run",
    "rename_search", "rename_study", "reopen_finding", "restore", "resume_lesson", "resume_run",
    "resume_search", "resume_study", "run_courses", "run_history", "run_optimism",
    "run_predictions", "run_seen", "run_seen_words", "run_test_looks", "RunCourses", "RunsView",
    "RunTime", "RunView", "SAMPLE", "SAMPLE_NAME", "sample_pictures", "save_deck", "save_view",
    "search_importance", "search_ranges", "search_runs", "search_state", "SearchState",
    "SearchSummary", "SearchView", "seconds_left", "see_to_importance", "seen_by_start",
    "seen_by_study", "SeenByStart", "serve_line", "server_folder", "shared_starts", "split_notes",
    "square_examples", "star_runs", "start_crossfit", "start_evaluation", "start_explanations",
    "start_feature_maps", "start_guard", "start_import", "start_inside", "start_landscape",
    "start_lesson", "start_lr_test", "start_predictions", "start_preflight", "start_server_import",
    "start_units", "stop_lesson", "stop_run", "stop_search", "stop_study", "stored_token",
    "story_basis", "story_folder", "story_pictures", "StoryBasis", "study_deck",
    "study_evaluations", "study_histories", "study_landscape", "study_outcome", "study_report",
    "study_runs", "study_seconds", "study_story", "study_units", "StudyPlan", "StudyView",
    "table_fields", "TableField", "tables_name", "tables_zip", "tag_run", "tag_runs", "take_back",
    "test_looks", "TestLook", "thumbnail", "tidy_up", "time_of_run", "token",
    "trained_on_looked_at", "training_images", "turn_dials", "uncompared_words", "units_state",
    "unmeasured", "unwritable", "upload_notes", "USUAL_SEEDS", "version_note", "versions",
    "view_from", "view_lesson", "view_run", "view_search", "view_study", "wait_for_evaluation",
    "wait_for_lr_test", "wait_for_run", "warm_predictions", "warm_up", "what_fits", "WhereToLook",
    "without_rate", "worth_of", "write_card", "write_curves", "write_explanations", "write_tables",
]  # fmt: skip
