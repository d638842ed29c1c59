"""The fault matrix: what is done to the lab, and which tests show that it bears it.

Most rows are played with light workers (`tests/runner`): real processes that train a hash; those
about where they run are played with every executor. What only a real training can show is in
`tests/training` and `tests/worker/test_worker_faults.py`. All of it at random, over twenty runs at
a time, is played by hand (-m exhaustive): `tests/runner/test_soak.py`. Some tests of a row are by
hand as well, never all of them.
"""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
DISTURBANCES = "runner/test_faults_disturbances.py"
WORKER = "worker/test_worker_faults.py"
LOSSES = "runner/test_faults_losses.py"
STOPS = "runner/test_faults_stops.py"
EXECUTORS = "runner/executors/test_contract.py"
JOBS = "runner/test_faults_jobs.py"
SEARCHES = "runner/searching/test_faults.py"
DISK = "lab/test_full_disk.py"
ROOM = "runner/test_faults_room.py"
UNWRITABLE = "lab/test_unwritable.py"

MATRIX = {
    "1: kill -9 of a worker in an epoch": {
        EXECUTORS: (
            "test_a_killed_worker_starts_again_at_once_and_goes_on",
            "test_a_worker_that_dies_again_and_again_is_given_up_after_three_tries",
        ),
        LOSSES: (
            "test_a_new_supervisor_does_not_wait",
            "test_losses_count_only_while_the_run_does_not_get_on",
            "test_the_users_resume_gives_a_new_budget",
            "test_the_next_attempt_starts_within_a_second",
        ),
        "server/streams/test_live.py": (
            "test_an_open_view_follows_a_run_to_its_next_attempt",
            "test_a_client_that_was_away_during_a_restart_has_every_epoch_once",
        ),
        "cli/test_cli.py": (
            "test_the_same_config_gives_the_same_run_though_it_is_killed_and_resumed",
        ),
        JOBS: (
            "test_a_job_whose_worker_is_killed_starts_again_and_gets_done",
            "test_a_job_whose_worker_is_always_killed_is_given_up",
        ),
        "training/test_kills.py": ("test_killed_run_is_the_uninterrupted_one",),
    },
    "2: kill -9 while a checkpoint is written": {
        "storage/attempts/test_checkpoints.py": (
            "test_a_kill_at_any_moment_of_writing_leaves_sound_checkpoints",
            "test_leftovers_of_a_kill_are_removed",
        ),
        "storage/attempts/test_attempt.py": ("test_what_a_kill_left_behind_is_removed",),
        LOSSES: ("test_an_epoch_whose_state_is_never_kept_is_no_progress",),
        "training/test_kills.py": ("test_killed_run_is_the_uninterrupted_one",),
    },
    "3: kill -9 of the server": {
        LOSSES: ("test_runs_and_supervisor_outlive_the_server_that_started_it",),
        SEARCHES: ("test_the_app_starts_a_supervisor_for_a_search",),
        JOBS: ("test_jobs_outlive_the_server_that_asked_for_them",),
        "e2e/test_run_control.py": ("test_killing_server_and_worker_loses_nothing",),
    },
    "4: kill -9 of the supervisor, and of it and the workers at once": {
        LOSSES: ("test_supervisor_and_workers_killed_at_once_go_on_where_they_were",),
        SEARCHES: ("test_a_search_goes_on_after_kills",),
        EXECUTORS: (
            "test_a_killed_supervisor_is_replaced_and_no_run_gets_a_second_worker",
            "test_a_worker_that_lives_on_after_its_successor_was_started_ends_without_a_word",
            "test_a_new_supervisor_adopts_a_living_run",
            "test_a_worker_that_died_while_nobody_watched_is_noticed",
        ),
        JOBS: (
            "test_a_new_supervisor_adopts_the_worker_of_a_job",
            "test_supervisor_and_worker_killed_at_once_the_job_is_done_all_the_same",
        ),
    },
    "5: the disk is full, read-only or gone": {
        SEARCHES: ("test_whatever_write_fails_no_trial_is_lost_or_doubled",),
        DISK: (
            "test_an_upload_goes_on_where_the_disk_was_full",
            "test_labels_that_find_no_room_are_told",
            "test_an_import_is_whole_or_not_there",
            "test_added_pictures_are_whole_or_not_there",
            "test_a_launch_is_whole_or_not_there",
            "test_an_export_is_whole_or_leaves_what_was_there",
            "test_what_a_page_reads_needs_no_room",
        ),
        ROOM: (
            "test_a_run_that_a_full_disk_stopped_goes_on_by_itself",
            "test_a_run_that_fills_the_disk_again_and_again_waits_for_more_room_each_time",
            "test_no_run_begins_on_a_full_disk",
            "test_a_run_that_waits_for_room_is_stopped",
            "test_the_folders_say_that_a_run_waits_for_room",
        ),
        UNWRITABLE: (
            "test_a_full_disk_is_looked_at_and_freed_with_cnnlab_itself",
            "test_a_run_that_is_active_is_not_deleted_because_the_disk_is_full",
            "test_a_read_only_home_is_shown_and_says_what_to_do",
            "test_an_open_home_notices_that_its_disk_is_gone",
            "test_what_another_user_owns_is_said_with_both_names",
        ),
        "storage/space/test_incoming.py": (
            "test_an_upload_brings_no_more_than_it_said",
            "test_a_chunk_may_not_take_what_an_upload_must_leave",
            "test_uploads_under_way_are_counted_together",
        ),
        "datasets/upload/test_compressed.py": ("test_a_full_disk_is_told",),
        "storage/attempts/test_checkpoints.py": ("test_a_full_disk_keeps_the_older_checkpoints",),
        "storage/index/test_database.py": ("test_a_full_disk_is_said_and_what_was_stored_stays",),
        "storage/index/test_rebuild.py": ("test_a_full_disk_leaves_the_old_database_as_it_was",),
        "worker/test_worker.py": ("test_on_a_full_disk_the_result_still_has_room",),
        JOBS: (
            "test_a_job_that_fills_the_disk_says_so_and_is_done_when_there_is_room",
            "test_a_job_that_finds_no_room_to_start_says_so_or_waits",
            "test_a_job_that_cannot_be_seen_to_is_given_up_and_keeps_nobody_waiting",
            "test_no_run_fails_because_a_job_cannot_be_ended_for_it",
            "test_a_job_waits_for_an_executor_that_is_out_of_reach",
            "test_an_executor_that_stays_out_of_reach_is_no_reason_to_wait_for_ever",
        ),
        WORKER: (
            "test_a_run_whose_disk_was_full_goes_on_to_the_same_bits",
            "test_a_model_that_finds_no_room_is_told_and_written_later",
        ),
    },
    "6: the memory of the GPU (simulated) or of the machine runs out": {
        LOSSES: (
            "test_a_run_ended_twice_for_memory_fails_with_advice",
            "test_one_kill_for_memory_explains_one_loss",
            "test_an_error_that_the_worker_reports_is_not_tried_again",
        ),
        JOBS: (
            "test_a_job_that_is_too_large_for_the_memory_twice_is_too_large",
            "test_each_try_of_a_job_is_lost_for_its_own_reason",
        ),
        "worker/test_worker.py": ("test_an_unexpected_failure_is_put_into_words",),
        "training/loop/test_batch_size.py": (
            "test_probing_halves_until_a_step_fits",
            "test_not_even_one_image_is_a_failure_with_advice",
        ),
    },
    "7: an error in the training": {
        LOSSES: ("test_an_error_that_the_worker_reports_is_not_tried_again",),
        "cli/test_cli.py": ("test_a_failed_training_ends_in_code_1_with_the_cause",),
        "worker/test_worker.py": (
            "test_an_expected_failure_has_its_cause_and_its_own_words",
            "test_an_unexpected_failure_is_put_into_words",
        ),
    },
    "9: clocks jump": {DISTURBANCES: ("test_no_jump_of_a_clock_harms_a_run",)},
    "10: many start at once": {
        DISTURBANCES: (
            "test_fifty_runs_launched_at_once_with_three_supervisors",
            "test_waiting_runs_are_started_in_the_order_in_which_they_came",
        ),
        EXECUTORS: ("test_each_gpu_has_one_run_and_the_worker_is_told_which",),
        "storage/runs/test_store.py": ("test_a_run_leaves_the_queue_once_whoever_asks",),
    },
    "12: the store is locked, PostgreSQL is restarted": {
        DISTURBANCES: (
            "test_a_locked_store_harms_no_run",
            "test_a_restarted_run_that_gets_on_while_the_store_is_locked_is_not_ended",
            "test_a_run_is_not_started_twice_because_the_store_was_locked",
        ),
        "storage/index/test_database.py": (
            "test_readers_do_not_wait_for_a_writer",
            "test_a_store_works_again_after_a_restart_of_its_server",
        ),
        "storage/test_postgresql.py": ("test_a_supervisor_outlives_a_restart_of_the_server",),
    },
    "13: the power is cut, files lose their ends": {
        DISTURBANCES: (
            "test_a_folder_whose_files_lost_their_ends_is_gone_on_from_consistently",
            "test_a_run_goes_on_after_a_power_cut",
            "test_a_damaged_result_is_earned_again",
        ),
        "storage/attempts/test_attempt.py": ("test_a_damaged_checkpoint_is_passed_over",),
        "storage/index/test_database.py": (
            "test_any_lost_page_is_noticed_and_the_way_out_is_named",
            "test_a_cut_off_file_is_noticed_when_it_is_opened",
        ),
        "storage/attempts/test_journal.py": ("test_a_cut_at_any_byte_leaves_a_consistent_prefix",),
        "exports/test_formats.py": ("test_a_damaged_file_is_refused_in_one_sentence",),
    },
    "14: the loss explodes, or is no number any more": {
        WORKER: ("test_a_loss_that_explodes_ends_the_run_at_that_step",),
        "training/loop/test_fit.py": ("test_nan_ends_the_run_with_advice",),
        "training/preflight/test_preflight.py": ("test_a_loss_that_explodes_is_told_with_advice",),
        "storage/attempts/test_journal.py": ("test_nan_is_refused",),
        "worker/test_worker.py": ("test_a_result_that_is_no_json_is_an_error_of_the_run",),
        LOSSES: ("test_an_error_that_the_worker_reports_is_not_tried_again",),
    },
    "15: a worker hangs": {
        EXECUTORS: ("test_a_worker_that_hangs_is_killed_and_its_run_goes_on",),
        STOPS: ("test_a_worker_that_is_slow_may_be_silent_for_longer",),
        JOBS: (
            "test_a_job_whose_worker_hangs_starts_again",
            "test_a_job_that_takes_too_long_is_ended",
            "test_a_job_that_ends_itself_after_its_time_is_not_tried_again",
            "test_the_time_of_a_job_begins_with_its_try",
        ),
    },
    "16: stops in every state, twice, and after the end": {
        STOPS: (
            "test_a_stop_in_any_state_ends_the_run_once",
            "test_a_stop_after_the_end_changes_nothing",
            "test_a_worker_that_ignores_the_stop_is_killed_after_the_grace",
            "test_a_stopping_worker_that_still_reports_is_not_killed",
            "test_a_stop_that_meets_a_loss_reaches_the_next_attempt",
            "test_a_stop_written_while_the_loss_was_noted_counts",
        ),
        JOBS: (
            "test_a_job_that_runs_is_cancelled",
            "test_a_job_that_is_deaf_to_its_cancelling_is_killed",
            "test_a_job_that_was_lost_is_cancelled_before_it_starts_again",
        ),
    },
    "18: the database is of another version, of another program, or lost": {
        SEARCHES: ("test_a_search_goes_on_after_kills",),
        "storage/migrations/test_migrations.py": (
            "test_a_database_from_before_there_were_numbers_goes_on",
            "test_an_earlier_database_is_brought_up_once_by_four_at_once",
            "test_a_database_of_a_later_version_is_refused_untouched",
            "test_a_database_of_another_program_is_refused_untouched",
            "test_a_full_disk_leaves_the_old_version_as_it_was",
        ),
        "storage/test_lost_index.py": (
            "test_a_lost_index_comes_back_with_a_word",
            "test_four_that_find_it_lost_at_once_all_work",
            "test_who_has_it_open_goes_over_to_the_new_one",
        ),
    },
    "20: 10,000 runs, 200,000 images, 100,000 steps": {
        "lab/test_large_home.py": (
            "test_ten_thousand_runs_are_listed_with_one_statement",
            "test_what_is_asked_again_and_again_is_found_by_an_index",
            "test_two_hundred_thousand_images_are_looked_through_page_by_page",
        ),
        "server/streams/test_live.py": (
            "test_a_hundred_thousand_steps_are_thinned_for_who_comes_late",
            "test_steps_of_finished_epochs_are_not_sent",
        ),
        "ui/test_charts.py": ("test_the_learning_rate_is_drawn_over_the_whole_run",),
    },
}


def functions_of(file):
    """All functions of a file, those in classes included, by name."""
    nodes = ast.walk(ast.parse((TESTS / file).read_text(encoding="utf-8")))
    return {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}


def is_by_hand(function):
    """Whether all of a test is marked `exhaustive`, not only some of its parameters."""
    marks = [ast.unparse(each) for each in function.decorator_list]
    return "pytest.mark.exhaustive" in marks


def test_the_rows_are_those_that_are_promised():
    assert [int(row.partition(":")[0]) for row in MATRIX] == [
        *range(1, 8),
        9,
        10,
        *range(12, 17),
        18,
        20,
    ]


@pytest.mark.parametrize("row", MATRIX)
def test_every_row_has_the_tests_that_are_named(row):
    for file, names in MATRIX[row].items():
        assert set(names) <= functions_of(file).keys(), file


@pytest.mark.parametrize("row", MATRIX)
def test_every_row_is_played_in_the_check(row):
    played = [
        name
        for file, names in MATRIX[row].items()
        for name in names
        if not is_by_hand(functions_of(file)[name])
    ]
    assert played


@pytest.mark.parametrize(
    "file", [DISTURBANCES, LOSSES, STOPS, JOBS, SEARCHES, DISK, ROOM, UNWRITABLE, WORKER]
)
def test_every_test_of_a_fault_is_in_a_row(file):
    named = {name for row in MATRIX.values() for name in row.get(file, ())}
    assert {name for name in functions_of(file) if name.startswith("test_")} == named
